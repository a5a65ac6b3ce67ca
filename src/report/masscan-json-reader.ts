// Reads masscan's JSON (-oJ), which need not be valid as a whole, and its lines of JSON (-oD). masscan's manual; reports of
// masscan 1.3.2; forms of older versions as its issues show them: commas behind the last object, `{finished: 1}`, no end.
import { InputError } from "../model/errors.js";
import { isJsonObject, type JsonObject, parseJson } from "./json-fields.js";
import { JsonObjects, type JsonObjectText } from "./json-objects.js";
import { MasscanReport } from "./masscan-report.js";
import { timeOfSeconds, wholeNumber } from "./read-values.js";
import type { ReadEvent, ReportReader } from "./report-reader.js";

/** masscan's JSON. */
export const masscanJsonReader: ReportReader = {
  name: "masscan-json",
  summary: "masscan's JSON (-oJ, -oD)",
  sources: ["masscan's manual, -oJ, -oD"],
  recognises(head: string): boolean {
    return /^\uFEFF?\s*(\[[\s,]*)?\{\s*"ip"\s*:|^\uFEFF?\s*\[\s*(\]|\{\s*finished)/.test(head);
  },
  async *read(chunks: AsyncIterable<string>, file: string): AsyncGenerator<ReadEvent, void, void> {
    const report = new MasscanReport();
    const objects = new JsonObjects(file);
    let isList: boolean | undefined;
    for await (const chunk of chunks) {
      isList ??= firstCharacter(chunk);
      for (const object of objects.take(chunk)) takeObject(object, report, file);
      yield* report.drain();
    }
    report.end(objects.isInside || (isList === true && !objects.hasEnd));
    yield* report.drain();
  },
};

/** True for a list, false for lines; undefined for blanks. */
function firstCharacter(chunk: string): boolean | undefined {
  const first = chunk.replace(/^\uFEFF/, "").trimStart();
  return first === "" ? undefined : first.startsWith("[");
}

function takeObject({ text, line, column }: JsonObjectText, report: MasscanReport, file: string): void {
  if (/^\{\s*"?finished"?\s*:/.test(text)) return;
  const value = parseJson(text);
  if (!isJsonObject(value) || typeof value.ip !== "string") {
    throw new InputError("this is no result of masscan's", { file, line, column });
  }
  const { ip, timestamp, ports } = value;
  const at = timeOfSeconds(textOf(timestamp));
  if (!Array.isArray(ports)) {
    addResult(ip, at, { ...value, ...objectOf(value.data) }, report);
    return;
  }
  for (const port of ports) addResult(ip, at, objectOf(port), report);
}

function addResult(address: string, at: string | undefined, facts: JsonObject, report: MasscanReport): void {
  const service = objectOf(facts.service);
  const name = textOf(service.name) ?? textOf(facts.service_name);
  const text = textOf(service.banner) ?? textOf(facts.banner);
  report.add({
    address,
    protocol: textOf(facts.proto) ?? "",
    port: wholeNumber(textOf(facts.port)),
    state: textOf(facts.status),
    reason: textOf(facts.reason),
    ttl: wholeNumber(textOf(facts.ttl), 255) || undefined,
    at,
    ...(name === undefined ? {} : { banner: { name, text: text ?? "" } }),
  });
}

/** Numbers and texts of them count alike: masscan writes times in quotes and ports without. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
