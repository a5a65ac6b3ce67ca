// `postern completion SHELL`: prints what teaches a shell postern's words.
import { UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import type { Command } from "./command.js";
import { completionScript, SHELLS } from "./completion.js";

/** Prints a shell's completion. */
export const completionCommand: Command = {
  name: "completion",
  summary: "print what teaches bash, zsh or fish postern's words",
  async run(words, console) {
    const [word, ...more] = words;
    const shell = SHELLS.find((name) => name === word);
    if (shell === undefined || more.length > 0) {
      const given = word === undefined ? "nothing" : quote(words.join(" "));
      throw new UsageError(`postern completion needs one of ${SHELLS.join(", ")}, but was given ${given}`, {
        hint: 'for example: eval "$(postern completion bash)"',
      });
    }
    console.writeOut(completionScript(shell, console.commands));
    return 0;
  },
};
