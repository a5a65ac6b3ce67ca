// In whose name the program was called: postern's, or nmap's for programs that drive nmap (docs/drop-in.md).
import { basename } from "node:path";
import { UsageError } from "../model/errors.js";
import { NMAP_URL, NMAP_VERSION, VERSION } from "../model/version.js";
import { quote } from "../target/fault.js";
import type { Option } from "./option.js";
import type { ScanSettingsDraft } from "./scan-settings.js";

/** A name to be called by, and the words behind it. */
export interface CalledAs {
  readonly program: "postern" | "nmap";
  readonly words: readonly string[];
}

/** For help and the docs. It decides how all other words are read, so it is never met among them. */
export const AS_OPTION: Option<ScanSettingsDraft> = {
  names: ["--as"],
  value: "nmap",
  help: "as the first words: behave as nmap does towards programs that drive it",
  section: "Output",
  apply() {
    throw new UsageError("--as decides how all other words are read, so it must be the first of them");
  },
};

/**
 * Reads the name: `nmap` by a link of that name, or by `--as nmap` as the first words.
 *
 * @param path The program as it was called: "/usr/local/bin/nmap"
 * @throws UsageError when there is no such name
 */
export function calledAs(path: string, words: readonly string[]): CalledAs {
  const [first = "", second] = words;
  if (first === "--as" || first.startsWith("--as=")) {
    const name = first === "--as" ? second : first.slice("--as=".length);
    if (name !== "nmap") throw new UsageError(`--as knows nmap, but was given ${quote(name ?? "nothing")}`);
    return { program: "nmap", words: words.slice(first === "--as" ? 2 : 1) };
  }
  return { program: basename(path) === "nmap" ? "nmap" : "postern", words };
}

/**
 * What -V says in both names. Programs look for nmap's version in the first line (python-nmap:
 * `Nmap version [0-9]*\.[0-9]*[^ ]* \( http(|s)://.* \)`); people read the second one.
 */
export function versionText(): string {
  const nmap = `Nmap version ${NMAP_VERSION} ( ${NMAP_URL} )`;
  return `${nmap}\npostern ${VERSION}, which is not Nmap: it takes the options and writes the reports of that version\n`;
}
