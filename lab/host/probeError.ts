import { LabError } from "../cli/errors.ts";

/** A probe is impossible because its source or target does not exist. The message is for users. */
export class ProbeError extends LabError {}
