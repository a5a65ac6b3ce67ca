// Whether this process may speak with its terminal: a background job that sets the terminal's mode is stopped (tcsetattr(3),
// SIGTTOU).
import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

const STANDARD_INPUT = 0;

/** True when standard input is a terminal and this process in its foreground. */
export function isKeyboardOurs(): boolean {
  if (!isatty(STANDARD_INPUT)) return false;
  try {
    return isForegroundOf(readFileSync("/proc/self/stat", "latin1"));
  } catch {
    return false; // no proc(5): better no keys than a stopped scan
  }
}

/** Reads proc(5)'s stat: behind the name, which may hold anything, come state, ppid, pgrp, session, tty_nr, tpgid. */
export function isForegroundOf(stat: string): boolean {
  const [, , processGroup, , , foregroundGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return processGroup !== undefined && processGroup === foregroundGroup;
}
