import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";

/**
 * The home of this user's account, which the Pulumi CLI uses regardless of HOME: in a CI container and under `sudo -E`
 * the two differ. HOME if the account has none.
 */
export function accountHome(): string {
  try {
    const { homedir: home } = userInfo();
    return existsSync(home) ? home : homedir();
  } catch {
    return homedir();
  }
}
