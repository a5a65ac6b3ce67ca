// Limits, quotas and counts of connections: what they answer for the first packet that comes to them. nft(8), "LIMIT STATEMENT",
// "QUOTA", "CT COUNT"; net/netfilter/nft_limit.c, nft_quota.c, nft_connlimit.c of Linux 6.18.
import { asList, isJsonObject, type JsonObject, numberAt, onlyEntry, textAt } from "./json-tree.js";
import { NotUnderstood } from "./not-understood.js";
import type { RuleScope } from "./rule-scope.js";
import { statementText } from "./rule-text.js";
import type { Statement } from "./statement.js";

/** The largest and the smallest packet that can come: what tells for sure whether a budget of bytes is enough. */
const PACKET_BYTES_MAX = 65_575;
const PACKET_BYTES_MIN = 20;

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ["bytes", 1],
  ["kbytes", 1024],
  ["mbytes", 1024 * 1024],
]);

function budget(json: unknown, first: boolean | undefined, why: string): Statement {
  return { kind: "budget", text: statementText(json), first, why };
}

/** The statement's own numbers, or those of the object that it names; `undefined` when that is not there. */
function numbersOf(kind: string, body: unknown, scope: RuleScope): JsonObject | undefined {
  if (typeof body === "string") return scope.objectNamed(kind, body);
  if (!isJsonObject(body)) throw new NotUnderstood(`a ${kind}`);
  return body.map === undefined ? body : undefined;
}

/** Reads `limit`: a bucket of packets lets the first one pass; one of bytes does when the largest packet fits into it. */
export function readLimit(body: unknown, scope: RuleScope): Statement {
  const json = { limit: body };
  const numbers = numbersOf("limit", body, scope);
  if (numbers === undefined) return budget(json, undefined, "how full the limit is");
  const isOver = numbers.inv === true;
  const unit = textAt(numbers, "rate_unit") ?? textAt(numbers, "unit") ?? "packets";
  if (unit === "packets") return budget(json, !isOver, "how many packets came before");
  const rateBytes = (numberAt(numbers, "rate") ?? 0) * (UNIT_BYTES.get(unit) ?? 0);
  const burstUnit = textAt(numbers, "burst_unit") ?? "bytes";
  const burstBytes = (numberAt(numbers, "burst") ?? 0) * (UNIT_BYTES.get(burstUnit) ?? 0);
  const doesFit = rateBytes + burstBytes >= PACKET_BYTES_MAX;
  return budget(json, doesFit ? !isOver : undefined, "how many bytes came before");
}

/** Reads `quota`: used up, not nearly so, or hanging on the size of the packet. */
export function readQuota(body: unknown, scope: RuleScope): Statement {
  const json = { quota: body };
  const numbers = numbersOf("quota", body, scope);
  if (numbers === undefined) return budget(json, undefined, "how much of the quota is used");
  const isOver = numbers.inv === true;
  const quotaBytes = numberAt(numbers, "bytes") ?? bytesOf(numbers, "val");
  const usedBytes = bytesOf(numbers, "used");
  const why = "how much of the quota is used";
  if (usedBytes + PACKET_BYTES_MAX < quotaBytes) return budget(json, !isOver, why);
  return budget(json, usedBytes + PACKET_BYTES_MIN >= quotaBytes ? isOver : undefined, why);
}

function bytesOf(numbers: JsonObject, key: string): number {
  const unit = textAt(numbers, `${key}_unit`) ?? "bytes";
  return (numberAt(numbers, key) ?? 0) * (UNIT_BYTES.get(unit) ?? 0);
}

/** Reads `ct count`: the first connection is one. */
export function readConnectionCount(body: unknown): Statement {
  const count = isJsonObject(body) ? numberAt(body, "val") : undefined;
  if (count === undefined) throw new NotUnderstood("a ct count");
  const isOver = isJsonObject(body) && body.inv === true;
  return budget({ "ct count": body }, 1 > count === isOver, "how many connections there are");
}

/** The key and the map of a statement that finds its object in a map (`limit name ip saddr map @m`). */
export function objectMap(body: unknown): JsonObject | undefined {
  const [key, map] = onlyEntry(body) ?? ["", undefined];
  return key === "map" && isJsonObject(map) && asList(map.key).length > 0 ? map : undefined;
}
