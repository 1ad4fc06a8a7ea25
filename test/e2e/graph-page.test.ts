import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { type Model, offlineModel, ofLabs } from "../../lab/commands/graph/model.ts";
import { drawPage } from "../../lab/commands/graph/page.ts";
import { buildLabs } from "../../stacks/buildLabs.ts";
import { parseConfig } from "../../stacks/config.ts";
import { type Browser, openBrowser } from "../browser.ts";
import { TOGETHER } from "../together.ts";
import { recordResources, settled } from "../unit/mocks.ts";

const require = createRequire(import.meta.url);
/** WCAG 2.2 at level AA, and best practices. */
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const PEER6 = "container:peer6";

/** A snapshot of all labs: peer6 is stopped, and one of its checks fails. */
async function everything(): Promise<Model> {
  const identity = { project: "dockernet", stack: "practice" };
  const seen = await recordResources(identity);
  const { topology } = buildLabs(parseConfig(identity, { labs: JSON.stringify(TOGETHER) }, "debian"));
  await settled(seen);
  const model = offlineModel("practice", topology);
  const check = (row: string, passed: boolean, nodes: string[]) => ({
    ...{ id: `${row}-x`, row, lab: row === "6.1" ? "ports" : "bridge", title: `row ${row} is true`, passed },
    ...{ actual: passed ? "it is" : "silence", nodes, links: [] },
  });
  return {
    ...model,
    live: true,
    generatedAt: "2026-01-02T03:04:05.678Z",
    nodes: model.nodes.map((node) => ({
      ...node,
      state: node.id === PEER6 ? "down" : "up",
      failed: node.id === PEER6 ? ["4.2-x"] : [],
    })),
    links: model.links.map((link) => ({
      ...link,
      state: "up",
      live: (link.kind === "veth" ? { toInterface: "veth0815" } : {}) as Record<string, string>,
    })),
    checks: [check("4.2", false, ["container:peer5", PEER6]), check("6.1", true, ["container:web"])],
  };
}

/** Hostile names; Docker's own rules are stricter, and the page does not rely on them. */
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "</script><script>alert(2)</script>",
  '"><svg onload=alert(3)>',
  "<!-- data --> $& {{x}}",
  "javascript:alert(4)",
  "it's `$(reboot)` & \\N \u2028",
];
const hostile = (): Model => {
  const [first = "", ...others] = HOSTILE;
  const host = { id: "host:", kind: "host", name: "this host", facts: {} } as const;
  const nodes = [first, ...others].map((name) => ({
    ...{
      id: `container:${name}`,
      kind: "container" as const,
      name,
      lab: name,
      in: "host:",
      facts: { [name]: name },
    },
  }));
  const links = others.map((name) => ({
    ...{ kind: "veth" as const, from: `container:${first}`, to: `container:${name}`, facts: { fromInterface: name } },
  }));
  const model = offlineModel("<b>hostile", { nodes: [host, ...nodes], links });
  const checks = HOSTILE.map((name) => ({
    ...{
      id: name,
      row: name,
      lab: name,
      title: name,
      passed: false,
      actual: name,
      nodes: [`container:${name}`],
      links: [],
    },
  }));
  return { ...model, live: true, generatedAt: first, checks };
};

describe("the page of an environment", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "dockernet-page-"));
  let browser: Browser;
  let page: Page;
  let model: Model;

  const write = async (name: string, drawn: Model): Promise<void> =>
    writeFileSync(join(folder, name), await drawPage(drawn));
  const url = (name = "all.html", fragment = "") => `${pathToFileURL(join(folder, name))}${fragment}`;
  /** Opens the page with a fresh load: a changed fragment alone would not reload it. */
  const open = async (fragment = "", name = "all.html"): Promise<void> => {
    await page.goto("about:blank");
    await page.goto(url(name, fragment));
  };
  const fragment = () => page.evaluate("location.hash");
  const panel = async () => (await page.locator("#panel").innerText()).replace(/\s+/g, " ");
  const inPicture = (id: string) => page.locator(`svg [id="${id}"]`);
  const inList = (id: string) => page.locator(`[role=treeitem][data-id="${id}"] > .row`);
  const said = () => page.locator("#said").innerText();
  const viewBox = async () =>
    (await page.locator("svg.topology").getAttribute("viewBox"))?.split(" ").map(Number) ?? [];

  before(async () => {
    [model, browser] = await Promise.all([everything(), openBrowser()]);
    page = browser.page;
    await write("all.html", model);
    await write("offline.html", offlineModel("offline", model));
    await write("hostile.html", hostile());
  });
  beforeEach(() => page.setViewportSize({ width: 1280, height: 800 }));
  afterEach(() => assert.deepEqual(browser.complaints(), []));
  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it("requests no resource but itself", async () => {
    browser.requests();
    await open();
    assert.deepEqual(browser.requests(), ["about:blank", url()].slice(1));
  });

  it("lists every object and shows it in the picture, and selects it in either", async () => {
    await open();
    const listed = await page
      .locator("[role=treeitem][data-id]")
      .evaluateAll((all) => all.map((each) => each.getAttribute("data-id")));
    assert.deepEqual(listed.sort(), model.nodes.map(({ id }) => id).sort());
    const drawn = await page.locator("svg .object").evaluateAll((all) => all.map((each) => each.id));
    assert.deepEqual(drawn.sort(), listed);
    await inPicture("container:web").click();
    assert.equal(await fragment(), "#select=container:web");
    assert.equal(await inList("container:web").locator("..").getAttribute("aria-selected"), "true");
    await inList("network:ports-net").click();
    assert.equal(await fragment(), "#select=network:ports-net");
    assert.equal(await inPicture("network:ports-net").getAttribute("aria-pressed"), "true");
  });

  it("shows facts, connections and checks of an object, and the command that shows more", async () => {
    await open("#select=container:web");
    const text = await panel();
    for (const part of ["npx lab explain practice web", "80/tcp", "veth0815", "row 6.1 is true", "✓"])
      assert.ok(text.includes(part), `${part} in ${text}`);
    await page.locator("#panel").getByRole("button", { name: "ports-net" }).click();
    assert.equal(await fragment(), "#select=network:ports-net");
  });

  it("lists a path hop by hop in both directions, and shows it in the picture", async () => {
    await open("#select=container:test5");
    await page.getByRole("button", { name: "Path to…" }).click();
    await inPicture("namespace:outside").click();
    assert.equal(await fragment(), "#select=container:test5&to=namespace:outside");
    const text = await panel();
    assert.match(text, /There test5.*docker0.*NAT: MASQUERADE.*Back.*No path: /);
    assert.match(await said(), /^Path from test5 to outside.* \d hops$/);
    const lit = await page.locator("svg .edge.on-path").evaluateAll((all) => all.map((each) => each.id));
    assert.deepEqual(lit.sort(), ["veth:container:test5->network:bridge", "veth:host:->namespace:outside"]);
    await page.getByRole("button", { name: "Swap ends" }).click();
    assert.equal(await fragment(), "#select=namespace:outside&to=container:test5");
  });

  it("explains why there is no path, and where packets end", async () => {
    await open("#select=container:test5&to=container:peer5");
    assert.match(await panel(), /✕ No path: .*DOCKER-ISOLATION/);
    assert.match(await panel(), /this host ✕ no further/);
    assert.equal(await page.locator(".ring.blocked").count(), 1);
  });

  it("marks faults with a symbol and with words", async () => {
    await open("#select=container:peer5&to=container:peer6");
    assert.match(await panel(), /✕ Broken: peer6 is down\./);
    assert.match(
      (await inPicture(PEER6).getAttribute("aria-label")) ?? "",
      /^peer6 .*, container, down, 1 check failed$/,
    );
    assert.equal(await inPicture(PEER6).locator(".badge").count(), 1);
    assert.match(await inList(PEER6).innerText(), /✕/);
  });

  it("links from the summary to the failed checks, and from those to their objects", async () => {
    await open("#select=container:web");
    await page.getByRole("button", { name: "✕ 1 passed, 1 failed" }).click();
    assert.equal(await fragment(), "");
    assert.match(await panel(), /Failed ✕.*row 4.2 is true silence about peer5, peer6/);
    await page.locator("#panel .checks").first().getByRole("button", { name: "peer6" }).click();
    assert.equal(await fragment(), "#select=container:peer6");
  });

  it("is usable with the keyboard alone", async () => {
    await open();
    await page.keyboard.press("Tab");
    for (let stops = 0; (await focused()) !== "search"; stops += 1) {
      assert.ok(stops < 6, "the search comes soon");
      await page.keyboard.press("Tab");
    }
    await page.keyboard.type("test5");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.equal(await fragment(), "#select=container:test5");
    await page.locator("#pick").press("Enter");
    assert.equal(await focused(), "search");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("redis");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press(" ");
    assert.equal(await fragment(), "#select=container:test5&to=container:redis");
    await page.keyboard.press("Escape");
    assert.equal(await fragment(), "#select=container:test5");
    await page.keyboard.press("Escape");
    assert.equal(await fragment(), "");
  });

  const focused = () => page.evaluate(() => document.activeElement?.id);

  it("has a tree with arrow-key navigation and folding", async () => {
    await open();
    const active = () => page.evaluate(() => document.activeElement?.firstElementChild?.textContent);
    await page.locator("[role=treeitem]").first().focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await active(), "Containers");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await page.locator(":focus").getAttribute("aria-expanded"), "false");
    await page.keyboard.press("ArrowDown");
    assert.equal(await active(), "Network namespaces");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assert.match((await active()) ?? "", /^this host/);
    await page.keyboard.press("End");
    assert.match((await active()) ?? "", /^outside/);
  });

  it("has a picture with arrow-key navigation, zoom and panning", async () => {
    await open();
    await page.emulateMedia({ reducedMotion: "reduce" });
    const [, , whole = 0] = await viewBox();
    await inPicture("container:test5").focus();
    await page.keyboard.press("ArrowRight");
    const next = (await focused()) ?? "";
    const leftOf = async (id: string) => (await inPicture(id).boundingBox())?.x ?? 0;
    assert.ok((await leftOf(next)) > (await leftOf("container:test5")), next);
    await page.keyboard.press("Enter");
    assert.equal(await fragment(), `#select=${next}`);
    await page.keyboard.press("+");
    const [x = 0, , closer = 0] = await viewBox();
    assert.ok(closer < whole);
    await page.keyboard.press("Shift+ArrowLeft");
    assert.ok(((await viewBox())[0] ?? 0) < x);
    await page.keyboard.press("0");
    assert.equal((await viewBox())[2], whole);
    const box = await page.locator("#picture").boundingBox();
    const [left, top] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + 40];
    await page.mouse.move(left, top);
    await page.mouse.wheel(0, -400);
    await page.waitForFunction((width) => document.querySelector("svg")?.viewBox.baseVal.width !== width, whole);
    const before = await viewBox();
    await page.mouse.down();
    await page.mouse.move(left + 100, top + 50, { steps: 4 });
    await page.mouse.up();
    assert.ok(((await viewBox())[0] ?? 0) < (before[0] ?? 0));
    assert.equal(await fragment(), `#select=${next}`, "a drag chooses nothing");
    await page.emulateMedia({ reducedMotion: null });
  });

  it("shows one lab, and keeps every selection in its address, for links, Back and Forward", async () => {
    await open("#select=container:test5&lab=bridge");
    const all = model.nodes.length;
    assert.equal(
      await page.locator("#matches").innerText(),
      `${ofLabs(model, ["bridge"]).nodes.length} objects of ${all}`,
    );
    assert.equal(await inList("container:web").isVisible(), false);
    assert.equal(await inPicture("container:web").evaluate((each) => each.classList.contains("dim")), true);
    await page.getByLabel("Lab", { exact: true }).selectOption("ports");
    await inList("container:web").click();
    assert.equal(await fragment(), "#select=container:web&lab=ports");
    await page.goBack();
    await page.goBack();
    assert.match(await panel(), /test5/);
    assert.equal(await page.getByLabel("Lab", { exact: true }).inputValue(), "bridge");
    await page.goForward();
    assert.equal(await page.getByLabel("Lab", { exact: true }).inputValue(), "ports");
    await open("#select=container:gone");
    assert.equal(await page.locator("#unknown").innerText(), "This environment has no object container:gone.");
  });

  it("says that it was drawn without looking at the environment", async () => {
    await open("", "offline.html");
    assert.match(await panel(), /Not checked This is the topology of the settings/);
    await open("#select=container:web&to=container:web-unpublished", "offline.html");
    assert.match(await panel(), /ports-net/);
    assert.doesNotMatch(await panel(), /✕|✓/);
  });

  it("shows hostile names as text", async () => {
    browser.requests();
    await open("", "hostile.html");
    assert.equal(await page.title(), "<b>hostile: topology");
    for (const name of HOSTILE) {
      await open(`#select=${encodeURIComponent(`container:${name}`)}`, "hostile.html");
      assert.equal((await page.locator("#panel h2").textContent())?.trim(), name.trim());
      await page.getByLabel("Lab", { exact: true }).selectOption(name);
    }
    assert.equal(await page.locator("img, svg svg, script:not(#data)").count(), 1);
    assert.ok(browser.requests().every((each) => each === "about:blank" || each.startsWith(url("hostile.html"))));
  });

  it("runs no script but its own", async () => {
    await open();
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'foreign'";
      document.body.append(script);
    });
    assert.equal(await page.title(), "practice: topology");
    assert.match(browser.complaints().join(), /Content Security Policy/);
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`is accessible (${colorScheme})`, async () => {
      await page.emulateMedia({ colorScheme });
      for (const choice of ["", "#select=container:peer6", "#select=container:test5&to=container:peer5"]) {
        await open(choice);
        await page.evaluate(AXE);
        const violations = await page.evaluate(async () => {
          const axe = (globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe;
          return (await axe.run()).violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
          );
        });
        assert.deepEqual(violations, [], choice);
      }
      await page.emulateMedia({ colorScheme: null });
    });
  }

  it("switches between light and dark, and remembers the choice", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    const dark = () =>
      page.evaluate(
        () =>
          matchMedia("(prefers-color-scheme: dark)").matches || getComputedStyle(document.documentElement).colorScheme,
      );
    await open();
    assert.equal(await dark(), "light dark");
    await page.getByRole("button", { name: "Dark" }).click();
    assert.equal(await dark(), "dark");
    await open();
    assert.equal(await page.getByRole("button", { name: "Dark" }).getAttribute("aria-pressed"), "true");
    await page.getByRole("button", { name: "Dark" }).click();
    assert.equal(await dark(), "light");
    await page.emulateMedia({ colorScheme: null });
  });

  it("does not animate if the user prefers reduced motion", async () => {
    await page.emulateMedia({ reducedMotion: "no-preference" });
    await open("#select=container:test5&to=namespace:outside");
    await page.waitForFunction(() => document.getAnimations().length > 0);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.waitForFunction(() => document.getAnimations().length === 0);
    await page.emulateMedia({ reducedMotion: null });
  });

  for (const [width, height] of [
    [320, 640],
    [800, 360],
    [1024, 768],
    [3840, 2160],
  ] as const) {
    it(`fits ${width} by ${height}`, async () => {
      await page.setViewportSize({ width, height });
      await open("#select=container:test5&to=container:peer5");
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      const picture = await page.locator("#picture").boundingBox();
      assert.ok((picture?.width ?? 0) >= width / 3 && (picture?.height ?? 0) >= height / 3);
    });
  }

  it("prints in light colors, with the picture and the selection, and without controls", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await open("#select=container:web");
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "light");
    assert.equal(await page.locator("#search, #theme, #closer, #pick").filter({ visible: true }).count(), 0);
    assert.equal(await page.locator("svg.topology, #panel h2").filter({ visible: true }).count(), 2);
    await page.emulateMedia({ media: null, colorScheme: null });
  });
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
