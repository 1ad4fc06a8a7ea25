import type { Said } from "./session.ts";

/** What ping says when it has tried: without that, nothing came back because nothing was sent. */
const TRIED = /^PING |^ping: (connect|send\w*): /m;

/** The command that sends one echo request (icmp(7)) and waits for the reply; `size` is of its data, in bytes. */
export const pingCommand = (address: string, patienceSec: number, size?: number): string[] => [
  ...["ping", "-c", "1", "-W", String(patienceSec)],
  ...(size === undefined ? [] : ["-s", String(size)]),
  address,
];

/** What came of it; undefined when nothing was sent. */
export const pingAnswer = ({ ok, text }: Said): "reply" | "silence" | undefined =>
  ok ? "reply" : TRIED.test(text) ? "silence" : undefined;
