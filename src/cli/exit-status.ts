// How an error ends the scan command, and what is said of it.
import { InternalError, PosternError, UsageError } from "../model/errors.js";
import { printable } from "../report/printable.js";

/** nmap's statuses (docs/errors.md): programs depend on them. */
export const SCAN_EXIT: Readonly<Record<"done" | "failed" | "usage" | "bug", number>> = {
  done: 0,
  failed: 1,
  usage: 255,
  bug: 70,
};

/** The status with which the scan command ends because of an error. What is not ours is our bug. */
export function scanExitStatus(error: unknown): number {
  if (error instanceof UsageError) {
    return SCAN_EXIT.usage;
  }
  return isBug(error) ? SCAN_EXIT.bug : SCAN_EXIT.failed;
}

/** The status with which a command of our own ends because of an error. */
export function commandExitStatus(error: unknown): number {
  return error instanceof PosternError ? error.exitStatus : SCAN_EXIT.bug;
}

/**
 * The error as lines for standard error, with a line feed at the end and nothing in it that steers a terminal:
 * "postern: message", then the hint. A bug shows its stack, so that it can be reported.
 */
export function formatError(error: unknown): string {
  const lines = [`postern: ${isBug(error) ? "internal error: " : ""}${messageOf(error)}`];
  if (error instanceof PosternError && error.hint !== undefined) {
    lines.push(`  ${error.hint}`);
  }
  if (isBug(error)) {
    lines.push("  this is a bug in postern; please report it with the lines below", ...stackOf(error));
  }
  return `${lines.map(printable).join("\n")}\n`;
}

function isBug(error: unknown): boolean {
  return error instanceof InternalError || !(error instanceof PosternError);
}

/** What an error says, of whatever kind it is. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): readonly string[] {
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const cause = error instanceof Error && error.cause !== undefined ? [`  caused by: ${messageOf(error.cause)}`] : [];
  return [...frames, ...cause];
}
