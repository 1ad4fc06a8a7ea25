import { RunError } from "@pulumi/pulumi/errors.js";
import { type Config, parseConfig } from "../../../stacks/config.ts";
import { withPreset } from "../../../stacks/presets.ts";
import { identityOf } from "../../state/environments.ts";
import type { Judgement } from "./finding.ts";

/** Returns the settings with their defaults, or the error that a preview would print. */
export function checkSettings(
  environment: string,
  raw: Readonly<Record<string, string>>,
): { config: Config } | { wrong: Judgement } {
  try {
    // A program's stack name leaves out the organization and project that a backend puts before it.
    const stack = environment.split("/").at(-1) ?? environment;
    return { config: parseConfig(identityOf(stack), withPreset(stack, raw), process.env.DOCKERNET_IMAGES) };
  } catch (error) {
    if (!RunError.isInstance(error)) throw error;
    return { wrong: wrong(error.message) };
  }
}

/** A problem of the settings, in one or more sentences. */
export const wrong = (what: string): Judgement => ({
  id: "settings",
  level: "problem",
  what,
  fix: "the settings are explained in README.md",
});
