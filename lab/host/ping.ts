import type { Said } from "./session.ts";

/** Output of a ping that tried; without it, nothing came back because nothing was sent. */
const TRIED = /^PING |^ping: (connect|send\w*): /m;

/** Returns the command that sends one echo request (icmp(7)) and waits for the reply; `size` is its data, in bytes. */
export const pingCommand = (address: string, patienceSec: number, size?: number): string[] => [
  ...["ping", "-c", "1", "-W", String(patienceSec)],
  ...(size === undefined ? [] : ["-s", String(size)]),
  address,
];

/** Returns the result of a ping; undefined if nothing was sent. */
export const pingAnswer = ({ ok, text }: Said): "reply" | "silence" | undefined =>
  ok ? "reply" : TRIED.test(text) ? "silence" : undefined;
