// The process as a command sees it in tests: what it says is kept, and nobody types.
import type { CommandConsole } from "./command.js";

/** A console, and what was said on it so far. */
export interface KeptConsole {
  readonly console: CommandConsole;
  out(): string;
  errors(): string;
}

/** A console without a terminal; `columns` makes it one of that width. */
export function keepConsole(columns?: number): KeptConsole {
  let [out, errors] = ["", ""];
  const console: CommandConsole = {
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      errors += text;
    },
    columns,
    commands: [],
    environment: {},
    terminalName: undefined,
    openStreams: () => ({ input: process.stdin, output: process.stdout }),
    watchInterrupts: () => new AbortController().signal,
  };
  return { console, out: () => out, errors: () => errors };
}
