// What every command of postern's own looks like: `postern NAME …`. A scan has no name: `postern TARGET…`.

/** The process as a command sees it. */
export interface CommandConsole {
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Columns of the terminal that standard output is; undefined where it is none. */
  readonly columns: number | undefined;
  /** The names of all commands. */
  readonly commands: readonly string[];
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
