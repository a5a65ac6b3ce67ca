// A command that has parts: `postern firewall test`, `postern history list`.
import { UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";
import type { Command, CommandConsole } from "./command.js";

/** One part of it. */
export interface CommandPart {
  /** One line of help, no full stop. */
  readonly summary: string;
  /** Loaded when it is called; see {@link Command.run}. */
  run(words: readonly string[], console: CommandConsole): Promise<number>;
}

/** What there is to say of the command as a whole. */
export interface CommandOfParts {
  readonly name: string;
  readonly summary: string;
  /** In the order of help. */
  readonly parts: ReadonlyMap<string, CommandPart>;
  /** What its help says below the parts. */
  readonly about: readonly string[];
}

/** The command whose first word names a part. */
export function commandOfParts({ name, summary, parts, about }: CommandOfParts): Command {
  const unknownPart = (word: string): UsageError => {
    const names = [...parts.keys()];
    const hint = `postern ${name} --help lists them`;
    if (word === "") return new UsageError(`postern ${name} needs one of ${names.join(", ")}`, { hint });
    const meant = nearest(word, names);
    const guess = meant === undefined ? "" : `; did you mean ${meant}?`;
    return new UsageError(`postern ${name} has no ${quote(word)}${guess}`, { hint });
  };
  const helpText = (): string => {
    const width = Math.max(...[...parts.keys()].map((part) => part.length));
    const rows = [...parts].map(([part, own]) => `  postern ${name} ${part.padEnd(width)} ${own.summary}`);
    return ["Usage:", ...rows, "", ...about, ""].join("\n");
  };
  return {
    name,
    summary,
    async run(words, console) {
      const [word = "", ...rest] = words;
      const part = parts.get(word);
      if (part !== undefined) return part.run(rest, console);
      if (word !== "-h" && word !== "--help") throw unknownPart(word);
      console.writeOut(helpText());
      return 0;
    },
  };
}
