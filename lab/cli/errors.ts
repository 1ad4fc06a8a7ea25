import { UserError } from "../../toolchain/userError.ts";

/** Why a `lab` command failed, as a message for the user. */
export class LabError extends UserError {}
