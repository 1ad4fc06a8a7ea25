import { RunError } from "@pulumi/pulumi/errors.js";
import { type Config, parseConfig } from "../../../stacks/config.ts";
import { withPreset } from "../../../stacks/presets.ts";
import { identityOf } from "../../state/environments.ts";
import type { Judgement } from "./finding.ts";

/** The settings with their defaults, or what a preview would say of them. */
export function checkSettings(
  environment: string,
  raw: Readonly<Record<string, string>>,
): { config: Config } | { wrong: Judgement } {
  try {
    // What a backend puts before a stack's name, organization and project, is no part of what a program is told.
    const stack = environment.split("/").at(-1) ?? environment;
    return { config: parseConfig(identityOf(stack), withPreset(stack, raw), process.env.DOCKERNET_IMAGES) };
  } catch (error) {
    if (!RunError.isInstance(error)) throw error;
    return { wrong: wrong(error.message) };
  }
}

/** Settings that are wrong, in a sentence or more. */
export const wrong = (what: string): Judgement => ({
  id: "settings",
  level: "problem",
  what,
  fix: "the settings are explained in README.md",
});
