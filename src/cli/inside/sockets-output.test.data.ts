// What `postern sockets` writes, for tests.
import { socketsCommand } from "./sockets-command.js";

/** Runs the command to its end; `columns` are those of a terminal. */
export async function outputOf(words: readonly string[], columns?: number): Promise<string> {
  let output = "";
  const status = await socketsCommand.run(words, {
    writeOut: (text) => {
      output += text;
    },
    writeError: (text) => {
      throw new Error(text);
    },
    columns,
    terminalName: undefined,
    openStreams: notNeeded,
    watchInterrupts: notNeeded,
    commands: ["sockets"],
  });
  if (status !== 0) throw new Error(`status ${status}`);
  return output;
}

function notNeeded(): never {
  throw new Error("this command has no use for it");
}
