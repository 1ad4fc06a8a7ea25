import { createDecipheriv, pbkdf2 } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Judgement } from "./finding.ts";

/** Rounds and sizes of the key that Pulumi derives from a passphrase (sdk/go/common/resource/config/crypt.go). */
const [ROUNDS, KEY_BYTES, TAG_BYTES] = [1_000_000, 32, 16] as const;

/**
 * Whether a passphrase fits the `encryptionsalt` of a stack, `v1:SALT:v1:NONCE:CIPHERTEXT`, whose plaintext is
 * `pulumi`; undefined for a salt in another format.
 */
export async function fits(passphrase: string, encryptionSalt: string): Promise<boolean | undefined> {
  const [version, salt, inner, nonce, text] = encryptionSalt.split(":");
  if (version !== "v1" || inner !== "v1" || !salt || !nonce || !text) return undefined;
  const decode = (base64: string) => Buffer.from(base64, "base64");
  const key = await promisify(pbkdf2)(passphrase, decode(salt), ROUNDS, KEY_BYTES, "sha256");
  const sealed = decode(text);
  const decipher = createDecipheriv("aes-256-gcm", key, decode(nonce));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString() === "pulumi";
  } catch {
    return false;
  }
}

/** Whether the passphrase in this environment, if any, fits the salt of a stack. */
export async function judgePassphrase(salt: string, env: NodeJS.ProcessEnv): Promise<Judgement[]> {
  const { PULUMI_CONFIG_PASSPHRASE: given, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  const passphrase = given ?? (file ? contentOf(file) : undefined);
  if (passphrase === undefined || (await fits(passphrase, salt)) !== false) return [];
  const source = given === undefined ? `in ${file}` : "in PULUMI_CONFIG_PASSPHRASE";
  const what = `the passphrase ${source} is not the one that the stack's secrets are encrypted with`;
  const fix = "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to that one, or unset both";
  return [{ id: "passphrase", level: "problem", what, why: "Pulumi cannot read the stack's secrets without it", fix }];
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
