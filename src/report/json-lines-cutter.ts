// Cuts postern's JSON Lines (-oJ) into hosts, whose lines stand among each other. docs/json-lines.md.
import { InputError } from "../model/errors.js";
import { isJsonObject, parseJson } from "./json-fields.js";
import {
  aside,
  canonical,
  type ReportCut,
  type ReportCutter,
  type ReportHead,
  type ReportPiece,
} from "./report-cutter.js";
import type { TextLine } from "./text-lines.js";

/** JSON Lines. */
export const jsonLinesCutter: ReportCutter = {
  name: "jsonl",
  open: (file) => new JsonLinesCut(file),
};

type JsonObject = Readonly<Record<string, unknown>>;

class JsonLinesCut implements ReportCut {
  head: ReportHead | undefined;
  seed: number | undefined;
  isDone = false;
  readonly #file: string;
  /** Hosts that are under way. */
  readonly #addresses: Map<unknown, string> = new Map();
  #hasPorts = true;

  constructor(file: string) {
    this.#file = file;
  }

  take({ text, number, isEnded }: TextLine): readonly ReportPiece[] {
    if (!isEnded || text.trim() === "") return [];
    const value = parseJson(text);
    if (!isJsonObject(value)) throw new InputError("not a line of JSON with an object in it", this.#place(number));
    const line = `${text}\n`;
    switch (value.type) {
      case "start":
        this.#start(value);
        return [aside(line)];
      case "host":
        return [{ text: line, ...this.#host(value) }];
      case "host-done": {
        const address = this.#addresses.get(value.hostId);
        this.#addresses.delete(value.hostId);
        return [{ text: line, address, outcome: value.end === "stopped" ? "unfinished" : "up" }];
      }
      case "done":
        this.isDone = value.isAborted === false;
        return [aside("")];
      case "progress":
        return [aside("")];
      default:
        if (value.hostId === undefined) return [aside(line)];
        return [{ ...aside(line), address: this.#addresses.get(value.hostId) ?? canonical(textOf(value.address)) }];
    }
  }

  #start({ commandLine, startedAt, seed, portCount }: JsonObject): void {
    this.#hasPorts = portCount !== 0;
    this.seed = Number.isSafeInteger(seed) ? Number(seed) : undefined;
    if (typeof commandLine !== "string") return;
    this.head = { commandLine, startedAt: textOf(startedAt) };
  }

  #host({ hostId, address, status }: JsonObject): Pick<ReportPiece, "address" | "outcome"> {
    const known = canonical(textOf(address));
    if (status !== "up") return { address: known, outcome: "down" };
    if (known !== undefined) this.#addresses.set(hostId, known);
    return { address: known, outcome: this.#hasPorts ? undefined : "up" };
  }

  #place(line: number): { readonly file: string; readonly line: number } {
    return { file: this.#file, line };
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
