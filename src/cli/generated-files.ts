// The files of this project that are made from tables in the code, so that nobody has to keep them alike by hand.
import { COMMANDS, loadCommands } from "./commands.js";
import { completionScript } from "./completion.js";
import { kernelSettingsMarkdown } from "./kernel-settings-markdown.js";
import { manPage } from "./man-page.js";
import { optionsMarkdown } from "./options-markdown.js";

/** Their paths within the project, and what stands in them. Names of completions: as each shell looks for them. */
export async function generatedFiles(): Promise<readonly (readonly [path: string, text: string])[]> {
  const commands = [...COMMANDS.keys()];
  return [
    ["docs/options.md", optionsMarkdown()],
    ["docs/commands/kernel-settings.md", kernelSettingsMarkdown()],
    ["man/postern.1", manPage(await loadCommands())],
    ["completions/postern.bash", completionScript("bash", commands)],
    ["completions/_postern", completionScript("zsh", commands)],
    ["completions/postern.fish", completionScript("fish", commands)],
  ];
}
