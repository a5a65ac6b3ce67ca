// How a scan finds out whether it may probe what nothing covers: from the file of earlier answers, or from whoever sits there.

import { printable } from "../report/printable.js";
import { keepKnownScope, readKnownScope } from "./known-scope.js";
import type { ScanSettings } from "./scan-settings.js";
import type { ScopeMeans } from "./settle-scope.js";

const STANDARD_INPUT = "-";

/** The process as far as it is needed here. */
interface Surroundings {
  readonly program?: "postern" | "nmap";
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined;
  writeError(text: string): void;
}

/** Whoever drives nmap by a program is asked nothing, nor is a terminal that targets are typed at. */
export function scopeMeans({ inputLists, excludeFiles }: ScanSettings, console: Surroundings): ScopeMeans {
  const { ask, environment, program } = console;
  const isAsked = ask !== undefined && program !== "nmap" && ![...inputLists, ...excludeFiles].includes(STANDARD_INPUT);
  return {
    known: () => readKnownScope(environment),
    keep: (targets) => {
      const file = keepKnownScope(targets, environment, new Date().toISOString().slice(0, 10));
      console.writeError(`Kept in ${printable(file)}: it is not asked again.\n`);
    },
    ...(isAsked && { ask }),
  };
}
