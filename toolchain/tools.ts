import { aptInstall, canUseApt } from "./apt.ts";
import { which } from "./run.ts";
import type { Step } from "./step.ts";

/** Programs that are installed from Debian packages if missing, and the package of each. */
const PACKAGE_OF = {
  ping: "iputils-ping",
  ip: "iproute2",
  ssh: "openssh-client",
  mmdebstrap: "mmdebstrap",
  chromium: "chromium",
  curl: "curl",
  shellcheck: "shellcheck",
  shfmt: "shfmt",
  python3: "python3",
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
} as const;
export type Tool = keyof typeof PACKAGE_OF;
/** Programs that practice nodes need if they are virtual machines. */
export const VM_TOOLS: readonly Tool[] = ["qemu-system-x86_64", "qemu-img"];

/** Provides programs on PATH. */
export const tools = (wanted: readonly Tool[]): Step => ({
  name: "tools",
  async look() {
    const missing = wanted.filter((tool) => !which(tool));
    if (missing.length === 0) return { there: wanted.join(", ") };
    await canUseApt(missing.join(", "));
    return {
      missing: `${missing.join(", ")} (by apt)`,
      install: async () => {
        await aptInstall(missing.map((tool) => PACKAGE_OF[tool]));
        return missing.join(", ");
      },
    };
  },
});
