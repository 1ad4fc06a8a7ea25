import assert from "node:assert/strict";
import { type FreshMachine, freshMachine } from "./machine.ts";

const MINUTE = 60_000;
const USER = "learner";

/** README's commands on a fresh machine: first as root, who may install packages, then as an ordinary user. */
describe("a fresh machine", function () {
  this.timeout(30 * MINUTE);
  let host: FreshMachine;

  before(async () => {
    host = await freshMachine();
  });
  after(() => host?.remove());

  const inClone = (user: string, commands: string) => host.shell(user, `cd dockernet && ${commands}`, 25 * MINUTE);

  /** Expected output of `npm start`: every check passed, and no row of the table says otherwise. */
  const startsGreen = async (user: string) => {
    const printed = await inClone(user, "npm start");
    assert.match(printed, /^88 passed, 0 failed$/m);
    assert.match(printed, /^ {4}\+ \d+ created$/m);
  };
  const isClean = async (user: string) =>
    assert.equal(await inClone(user, "git status --porcelain"), "", "what the commands changed in the checkout");
  const isGone = async (user: string) => {
    await inClone(user, "npx pulumi destroy --yes --stack practice");
    assert.equal(await host.shell("root", "docker ps --all --quiet; docker volume ls --quiet"), "");
  };

  it("has no engine and no Pulumi", async () => {
    await assert.rejects(host.shell("root", "command -v docker || command -v dockerd || command -v pulumi"));
  });

  it("npm start sets it up for root and passes all checks, on an engine that starts for the first time", async () => {
    await host.cloneFor("root");
    await startsGreen("root");
    await isClean("root");
  });

  it("npm test sets itself up there, and passes: lint, and the lesson of docker0 on that engine", async () => {
    for (const stages of ["lint", "test/integration/shared/lessons.test.ts --grep /bridge[.]md"]) {
      const printed = await inClone("root", `npm test -- ${stages}`);
      assert.match(printed, /^[1-9]\d* passed, 0 failed$/m);
    }
    await isClean("root");
  });

  it("pulumi destroy leaves nothing behind", () => isGone("root"));

  it("npm start passes all checks for a member of the group docker with umask 077", async () => {
    await host.shell("root", `useradd --create-home --shell /bin/bash --groups docker ${USER}`);
    await host.cloneFor(USER, "077");
    await startsGreen(USER);
    await isClean(USER);
    await isGone(USER);
  });
});
