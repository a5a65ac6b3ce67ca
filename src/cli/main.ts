// The program: reads the command line, runs the command, and is the one place that ends the process.

import { errnoWords } from "../linux/errno.js";
import { InputError } from "../model/errors.js";
import { calledAs, versionText } from "./called-as.js";
import { COMMANDS, loadCommands, loadOverview } from "./commands.js";
import { commandExitStatus, formatError, scanExitStatus } from "./exit-status.js";
import { isKeyboardOurs } from "./foreground.js";
import type { KeyInput } from "./keys.js";
import type { Console } from "./scan-command.js";
import { parseScanArguments } from "./scan-options.js";

/** A reader that closed the pipe has seen enough: no error (as for every filter). */
const EXIT_PIPE_CLOSED = 0;
/** Set when standard output could not be written any more. */
let outputFault: NodeJS.ErrnoException | undefined;
/** 128 + SIGINT, as shells have it: the second interrupt does not wait. */
const EXIT_INTERRUPTED = 130;

/** The words behind the program's name. */
const WORDS = process.argv.slice(2);
/** Set when the first of them is a command of our own, or there is none: its errors have statuses of our own, too. */
const loadCommand = WORDS.length === 0 ? loadOverview : COMMANDS.get(WORDS[0] ?? "");

/** How the process ends: with a status, or by the signal that interrupted it. */
type End = number | NodeJS.Signals;

async function main(): Promise<End> {
  const { program, words } = calledAs(process.argv[1] ?? "", WORDS);
  if (program === "nmap") {
    const { runAsNmap } = await import("./as-nmap.js");
    return runAsNmap(words, scanConsole(words), process.stdout.columns ?? 80);
  }
  if (loadCommand !== undefined) {
    const command = await loadCommand();
    return command.run(WORDS.slice(1), {
      writeOut: (text) => process.stdout.write(text),
      writeError: (text) => process.stderr.write(text),
      columns: process.stdout.isTTY ? process.stdout.columns : undefined,
      commands: [...COMMANDS.keys()],
      environment: process.env,
      terminalName: process.env.TERM,
      openStreams: () => ({ input: process.stdin, output: process.stdout }),
      watchInterrupts: () => interrupts.watch(),
    });
  }
  const settings = parseScanArguments(WORDS);
  switch (settings.action) {
    case "version":
      process.stdout.write(versionText());
      return 0;
    case "help": {
      const { helpText } = await import("./help.js");
      process.stdout.write(helpText(process.stdout.columns ?? 80, await loadCommands()));
      return 0;
    }
    case "iflist": {
      const { interfaceList } = await import("./interface-list.js");
      process.stdout.write(interfaceList());
      return 0;
    }
    case "scan": {
      const { runScan } = await import("./scan-command.js");
      return runScan(settings, scanConsole(WORDS));
    }
  }
}

function scanConsole(words: readonly string[]): Console {
  return {
    writeOut: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    columns: process.stderr.isTTY ? () => process.stderr.columns : undefined,
    words,
    environment: process.env,
    watchInterrupts: () => interrupts.watch(),
    ask: process.stderr.isTTY && isKeyboardOurs() ? askOnTerminal : undefined,
    interrupt: () => interrupts.take("SIGINT"),
    keepReports: () => {
      hasReportFiles = true;
    },
    suspend,
    openKeys,
  };
}

/** The first interrupt asks for an end in good order, the second one ends at once. */
class Interrupts {
  readonly #controller = new AbortController();

  /** SIGINT and SIGTERM interrupt from now on; which it was is the reason of the signal that is returned. */
  watch(): AbortSignal {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => this.take(name));
    return this.#controller.signal;
  }

  take(name: NodeJS.Signals): void {
    if (this.#controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    this.stop(name);
  }

  /** Asks for an end in good order, however often. */
  stop(why: NodeJS.Signals | Error): void {
    this.#controller.abort(why);
  }
}

const interrupts = new Interrupts();
/** Set when the scan has reports that do not go to standard output. */
let hasReportFiles = false;

/** Reads one line, which the terminal lets be edited. An interrupt ends the process, as long as nobody watches for it. */
async function askOnTerminal(question: string): Promise<string | undefined> {
  const { createInterface } = await import("node:readline");
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  process.stderr.write(question);
  try {
    return await new Promise((resolve) => {
      reader.once("line", resolve);
      reader.once("close", () => resolve(undefined));
    });
  } finally {
    reader.close();
  }
}

/** What the terminal does at Ctrl-Z when it is not in raw mode. */
function suspend(): void {
  process.kill(0, "SIGTSTP"); // the whole job
}

/** "exit" comes on every way out but SIGKILL, errors that nobody caught among them. */
function openKeys(onExit: () => void, onContinue: () => void): KeyInput | undefined {
  if (!isKeyboardOurs()) return undefined;
  process.on("exit", onExit);
  process.on("SIGCONT", () => {
    if (isKeyboardOurs()) onContinue();
  });
  return process.stdin;
}

// A full disk behind standard output ends the scan, so that reports in files end as they should; a reader that has gone does
// not where there are such reports.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") {
    outputFault ??= error;
    interrupts.stop(error);
  } else if (!hasReportFiles) {
    process.exit(EXIT_PIPE_CLOSED);
  }
});

/** Ends when everything written so far has left this process: a slow reader of a pipe gets all of it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return stream.writableLength === 0 ? Promise.resolve() : new Promise((resolve) => stream.write("", () => resolve()));
}

/** What could not be written was not done. */
async function checkOutput(end: End): Promise<End> {
  await flushed(process.stdout);
  await new Promise(setImmediate); // what a file refuses is told in a later turn
  if (outputFault === undefined) return end;
  const why = errnoWords(outputFault.code ?? "");
  throw new InputError(`cannot be written: ${why}`, { file: "standard output" }, { cause: outputFault });
}

/** Ends the process at once: taking V8's heaps apart in good order would take longer than a scan of one port. */
async function exit(end: End): Promise<void> {
  await flushed(process.stdout);
  await flushed(process.stderr);
  if (typeof end === "number") process.exit(end);
  process.removeAllListeners(end); // what is left is the kernel's way to take it
  process.kill(process.pid, end);
}

void main()
  .then(checkOutput)
  .then(exit, (error: unknown) => {
    process.stderr.write(formatError(error));
    return exit(loadCommand === undefined ? scanExitStatus(error) : commandExitStatus(error));
  });
