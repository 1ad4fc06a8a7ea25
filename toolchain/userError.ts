/** An error whose message is all that a person needs; the stack is of no use to them. */
export class UserError extends Error {}
