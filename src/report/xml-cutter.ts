// Cuts the XML (-oX) of nmap and postern into hosts, line by line as both write it: a host's element begins a line and ends
// one. Whether a document is XML at all is its reader's matter. nmap.dtd; reports of nmap 7.93.

import { timeOfSeconds } from "./read-values.js";
import {
  aside,
  canonical,
  HeldLines,
  type HostOutcome,
  type ReportCut,
  type ReportCutter,
  type ReportHead,
  type ReportPiece,
} from "./report-cutter.js";
import type { TextLine } from "./text-lines.js";

const ROOT = /^\s*<nmaprun\s(.*)>\s*$/;
const FIRST = /^\s*<(host|hosthint)[\s>]/;
/** From here on stands what the next run writes anew. */
const END = /^\s*<(?:\?postern-done|runstats|\/nmaprun)[\s>]/;

/** XML. */
export const xmlCutter: ReportCutter = {
  name: "xml",
  open: (file) => new XmlCut(file),
};

class XmlCut implements ReportCut {
  head: ReportHead | undefined;
  seed: number | undefined;
  isDone = false;
  readonly #held: HeldLines;
  /** The element whose lines are held. */
  #element: string | undefined;
  #isOver = false;

  constructor(file: string) {
    this.#held = new HeldLines(file);
  }

  take(line: TextLine): readonly ReportPiece[] {
    const { text, isEnded } = line;
    if (!isEnded && !text.endsWith("</nmaprun>")) return [];
    if (this.#element === undefined) this.#element = FIRST.exec(text)?.[1];
    if (this.#element !== undefined) return this.#elementLine(this.#element, line);
    this.#isOver ||= END.test(text);
    if (this.#isOver) {
      if (/<finished\s[^>]*\bexit="success"/.test(text)) this.isDone = true;
      return [aside("")];
    }
    const root = this.head === undefined ? ROOT.exec(text)?.[1] : undefined;
    if (root !== undefined) this.head = headOf(root);
    const seed = attribute(/<\?postern-start\s(.*)\?>/.exec(text)?.[1] ?? "", "seed");
    if (seed !== undefined && /^\d{1,10}$/.test(seed)) this.seed = Number(seed);
    return [aside(`${text}\n`)];
  }

  #elementLine(element: string, line: TextLine): readonly ReportPiece[] {
    this.#held.add(line);
    if (!line.text.trimEnd().endsWith(`</${element}>`)) return [];
    this.#element = undefined;
    const text = this.#held.release();
    const address = addressOf(text);
    return [{ text, address, outcome: element === "hosthint" ? undefined : outcomeOf(text) }];
  }
}

function headOf(root: string): ReportHead | undefined {
  const commandLine = attribute(root, "args");
  return commandLine === undefined ? undefined : { commandLine, startedAt: timeOfSeconds(attribute(root, "start")) };
}

function addressOf(host: string): string | undefined {
  for (const [, attributes = ""] of host.matchAll(/<address\s([^>]*)>/g)) {
    if (attribute(attributes, "addrtype") !== "mac") return canonical(attribute(attributes, "addr"));
  }
  return undefined;
}

function outcomeOf(host: string): HostOutcome {
  if (attribute(/<\?postern-host\s(.*)\?>/.exec(host)?.[1] ?? "", "end") === "stopped") return "unfinished";
  return attribute(/<status\s([^>]*)>/.exec(host)?.[1] ?? "", "state") === "up" ? "up" : "down";
}

/** A value of XML in double quotes, as both write it; undefined where there is none, or an entity that is not XML's own. */
function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"<]*)"`).exec(attributes)?.[1];
  return value === undefined ? undefined : unescaped(value);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const CODE_POINT_MAX = 0x10ffff;

/** XML 1.0 §4.1 and §4.6. */
function unescaped(text: string): string | undefined {
  let isSound = true;
  const plain = text.replace(/&([^;&]*);?/g, (_, name: string) => {
    const [, hex, digits] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
    const code = hex === undefined ? Number(digits ?? Number.NaN) : Number.parseInt(hex, 16);
    if (code >= 0 && code <= CODE_POINT_MAX) return String.fromCodePoint(code);
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    isSound &&= known !== undefined;
    return known ?? "";
  });
  return isSound ? plain : undefined;
}
