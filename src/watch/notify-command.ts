// Tells a program: the notice as JSON on its standard input. No shell, no word of the notice on its command line.

import { startProgram } from "../linux/program.js";
import { SERVICE_VARIABLES } from "../linux/service-manager.js";
import { noticeJson } from "./notice.js";
import type { Environment, Notifier } from "./notifier.js";

const TIMEOUT_MS = 60_000;
const GRACE_MS = 5000;

/** A program of the user's own. */
export function commandNotifier(
  words: readonly string[],
  environment: Environment,
  timeoutMs: number = TIMEOUT_MS,
): Notifier {
  const [program = "", ...rest] = words;
  return {
    name: `the command ${program}`,
    tell: (notice) => runWithInput(program, rest, noticeJson(notice), { environment, timeoutMs }),
  };
}

/** Runs a program to its end; what it writes is thrown away. Undefined when it ended with 0, otherwise why not. */
export async function runWithInput(
  program: string,
  words: readonly string[],
  input: string,
  { environment, timeoutMs }: { readonly environment: Environment; readonly timeoutMs: number },
): Promise<string | undefined> {
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !SERVICE_VARIABLES.includes(name)));
  const running = startProgram(program, words, { input, environment: own, timeoutMs, graceMs: GRACE_MS });
  running.output.resume();
  return (await running.ended).fault;
}
