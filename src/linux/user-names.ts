// The names of users by number, from passwd(5). Users of directories (LDAP, systemd-homed) stay numbers.
import { readFileSync } from "node:fs";

/** Reads the file; empty where it cannot be read. */
export function readUserNames(path: string = "/etc/passwd"): ReadonlyMap<number, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return new Map(); // numbers say the same
  }
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const match = /^([^:]+):[^:]*:(\d{1,10}):/.exec(line);
    const uid = Number(match?.[2]);
    // The first name of a number counts, as for getpwuid(3).
    if (match !== null && !names.has(uid)) names.set(uid, match[1] ?? "");
  }
  return names;
}
