/** An error for the user: its message is printed without a stack trace. */
export class UserError extends Error {}
