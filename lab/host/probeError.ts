import { LabError } from "../cli/errors.ts";

/** A probe that cannot be made because what it starts from or is aimed at is not there. Its message is for people. */
export class ProbeError extends LabError {}
