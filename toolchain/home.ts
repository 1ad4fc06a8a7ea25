import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";

/**
 * The home of this user's account, where the Pulumi CLI keeps what is the user's, whatever HOME says: in a job's container
 * and under `sudo -E` the two differ. HOME where the account has none.
 */
export function accountHome(): string {
  try {
    const { homedir: home } = userInfo();
    return existsSync(home) ? home : homedir();
  } catch {
    return homedir();
  }
}
