// What every command of postern's own looks like: `postern NAME …`. A scan has no name: `postern TARGET…`.

/** The process as a command sees it. */
export interface CommandConsole {
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Columns of the terminal that standard output is; undefined where it is none. */
  readonly columns: number | undefined;
  /** The names of all commands. */
  readonly commands: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the terminal calls itself (TERM, environ(7)). */
  readonly terminalName: string | undefined;
  /** Standard input and output for commands that pass bytes on; input is opened by this. */
  openStreams(): CommandStreams;
  /** SIGINT and SIGTERM interrupt from now on: the first one asks for an end in good order, the second ends at once. */
  watchInterrupts(): AbortSignal;
}

/** Standard input and output. Whether they are terminals, `isTTY` says. */
export interface CommandStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** One command. */
export interface Command {
  readonly name: string;
  /** One line of help, no full stop. */
  readonly summary: string;
  /**
   * Runs it with the words behind its name, and returns the exit status (docs/errors.md).
   *
   * @throws PosternError whatever stopped it; its `exitStatus` becomes the program's
   */
  run(words: readonly string[], console: CommandConsole): Promise<number>;
}
