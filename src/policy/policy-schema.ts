// What may stand in postern.yaml: a key of the file is a row of this schema. docs/settings-file.md.
import * as z from "zod/mini";
import { LOCAL_LOG_ADDRESS, parseLogAddress } from "../linux/log-address.js";
import type { LogAddress } from "../linux/log-target.js";
import { InputError, UsageError } from "../model/errors.js";
import { quote } from "../target/fault.js";
import { nearest } from "../target/nearest.js";
import { readYaml, type YamlText } from "./yaml-text.js";

/** What a settings file says. */
export interface FileSettings {
  /** Where start and end of scans are put on record; undefined for nowhere. */
  readonly log: LogAddress | undefined;
  /** Whether scans are put into the history. */
  readonly isRecorded: boolean;
}

const SETTINGS = z.strictObject({
  syslog: z.optional(
    z.union([z.boolean(), z.string()], { error: "needs true, false, udp://HOST, tcp://HOST or tls://HOST" }),
  ),
  history: z.optional(z.boolean({ error: "needs true or false" })),
});

/**
 * Reads the text of a settings file; one without anything in it says nothing.
 *
 * @throws InputError with line and column
 */
export function readSettings(text: string, file: string): FileSettings {
  const yaml = readYaml(text, file);
  const { data, error } = SETTINGS.safeParse(yaml.value ?? {}, { error: () => "cannot be understood" });
  if (error !== undefined) throw faultOf(error, yaml);
  return { log: logOf(data.syslog, yaml), isRecorded: data.history === true };
}

function faultOf({ issues }: z.core.$ZodError, yaml: YamlText): InputError {
  const [issue] = issues;
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const known = Object.keys(SETTINGS.shape);
    const meant = nearest(key, known);
    const hint = meant === undefined ? `these are known: ${known.join(", ")}` : `did you mean ${meant}?`;
    return new InputError(`unknown key ${quote(key)}; ${hint}`, yaml.keyPlaceOf([...issue.path, key]));
  }
  const path = issue?.path ?? [];
  if (path.length === 0) return new InputError("keys with values were expected", yaml.placeOf(path));
  return new InputError(`${path.map(String).join(".")} ${issue?.message ?? ""}`, yaml.placeOf(path));
}

function logOf(value: boolean | string | undefined, yaml: YamlText): LogAddress | undefined {
  if (typeof value !== "string") return value === true ? LOCAL_LOG_ADDRESS : undefined;
  try {
    return parseLogAddress("syslog", value);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const options = { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) };
    // biome-ignore lint/style/useErrorCause: it is passed, in the third argument
    throw new InputError(error.message, yaml.placeOf(["syslog"]), options);
  }
}
