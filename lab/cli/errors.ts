import { UserError } from "../../toolchain/userError.ts";

/** Why a command of the lab could not do what it was asked for. */
export class LabError extends UserError {}
