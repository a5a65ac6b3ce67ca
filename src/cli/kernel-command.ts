// `postern kernel`: the kernel's network settings that matter to an attacker. docs/commands/kernel.md.
import { readKernelSettings } from "../inside/read-kernel-settings.js";
import type { Command } from "./command.js";
import { kernelJson } from "./kernel-json.js";
import { kernelHelp, parseKernelArguments } from "./kernel-options.js";
import { kernelText } from "./kernel-text.js";

/** A view: what it finds is no error. */
const DONE = 0;
const COLUMNS_DEFAULT = 80;

/** Shows the settings. */
export const kernelCommand: Command = {
  name: "kernel",
  summary: "show the kernel's network settings that matter to an attacker",
  run(words, console) {
    const options = parseKernelArguments(words);
    const columns = console.columns ?? COLUMNS_DEFAULT;
    if (options.isHelp) {
      console.writeOut(kernelHelp(columns));
      return Promise.resolve(DONE);
    }
    const view = readKernelSettings(options.procRoot, options.interfaceName);
    const isOwn = options.procRoot === "/proc";
    console.writeOut(
      options.isJson ? kernelJson(view, options.procRoot) : kernelText(view, { columns, isAll: options.isAll, isOwn }),
    );
    return Promise.resolve(DONE);
  },
};
