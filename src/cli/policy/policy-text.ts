// A policy as people read it: what `postern policy check` shows. Text from the file is made safe line by line.

import { sourcesText } from "../../policy/contradictions.js";
import { type EndDate, hasEnded } from "../../policy/end-date.js";
import { formatFindingName } from "../../policy/finding-name.js";
import { hoursAt } from "../../policy/hours.js";
import type {
  Consent,
  ExpectedPorts,
  HostList,
  Limits,
  NotifyTarget,
  Policy,
  VantageEntry,
} from "../../policy/policy.js";
import { formatPortText } from "../../policy/port-text.js";
import { TimeZone } from "../../policy/time-zone.js";
import { printable } from "../../report/printable.js";
import { countOf, groupDigits } from "../../report/quantity.js";
import { formatAddress } from "../../target/address.js";
import { formatBlock } from "../../target/address-block.js";
import { isFault } from "../../target/fault.js";
import { wallText } from "../scan-hours.js";

const HEADING_COLUMNS = 12;
const HOSTS_SHOWN_MAX = 8;

/** The text, with a line feed at its end. */
export function policyText(policy: Policy, nowMs: number): string {
  const { scope, exclude, limits, consents, vantages, expect, accepted, notify, log, isRecorded } = policy;
  const records = [...(log === undefined ? [] : ["the system log"]), ...(isRecorded ? ["the history"] : [])];
  const rows: readonly (readonly [heading: string, lines: readonly string[]])[] = [
    ["Scope", hostsLines(scope)],
    ["Excluded", hostsLines(exclude)],
    ["Limits", limitLines(limits, policy.zoneName, nowMs)],
    ["Consent", consents.map((one) => consentLine(one, nowMs))],
    ["Vantages", vantages.map(vantageLine)],
    [
      "Expected",
      expect.flatMap(({ name, hosts, open }) => [
        `${name}${membersText(name, hosts)}`,
        ...open.map((one) => `  ${expectedLine(one, nowMs)}`),
      ]),
    ],
    [
      "Accepted",
      accepted.map(
        ({ finding, reason, until }) => `${formatFindingName(finding)}: ${reason}${untilText(until, nowMs)}`,
      ),
    ],
    ["Notify", notify.map(notifyLine)],
    ["Records", records],
  ];
  const lines = rows.flatMap(([heading, texts]) =>
    texts.map((text, at) => `${(at === 0 ? heading : "").padEnd(HEADING_COLUMNS)}${printable(text)}`),
  );
  const head = lines.length === 0 ? "says nothing" : "is in order";
  return `${[printable(`${policy.file} ${head}.`), ...(lines.length === 0 ? [] : ["", ...lines])].join("\n")}\n`;
}

function hostsLines(hosts: HostList): readonly string[] {
  const text = hostsText(hosts);
  return text === "" ? [] : [text];
}

function hostsText({ blocks, names }: HostList): string {
  const all = [...blocks.map(({ block }) => formatBlock(block)), ...names.map(({ name }) => name)];
  const shown = all.slice(0, HOSTS_SHOWN_MAX);
  const more = all.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${groupDigits(more)} more` : ""}`;
}

/** A host that is its own group needs no list of them. */
function membersText(name: string, hosts: HostList): string {
  const text = hostsText(hosts);
  return text === name ? "" : ` (${text})`;
}

function limitLines({ ratePps, hostRatePps, hours }: Limits, zoneName: string, nowMs: number): readonly string[] {
  const lines: string[] = [];
  if (ratePps !== undefined) lines.push(`${plainRate(ratePps)} in all`);
  if (hostRatePps !== undefined) lines.push(`${plainRate(hostRatePps)} to one host`);
  if (hours === undefined) return lines;
  const zone = TimeZone.of(zoneName);
  const state = isFault(zone) ? undefined : stateText(zone, hoursAt(hours.spans, zone, nowMs));
  return [...lines, `${hours.texts.join(", ")}${state === undefined ? "" : `; ${state}`}`];
}

function plainRate(ratePps: number): string {
  const text = ratePps >= 1 && Number.isInteger(ratePps) ? countOf(ratePps, "probe") : `${ratePps} probes`;
  return `${text} a second`;
}

function stateText(zone: TimeZone, state: ReturnType<typeof hoursAt>): string {
  if (state.isWithin)
    return state.endMs === undefined ? "now, without an end" : `now, to ${wallText(zone, state.endMs)}`;
  return state.beginMs === undefined ? "not soon" : `next from ${wallText(zone, state.beginMs)}`;
}

function consentLine({ hosts, who, purpose, until }: Consent, nowMs: number): string {
  return `${hostsText(hosts)}: ${who}${purpose === undefined ? "" : `, for ${purpose}`}${untilText(until, nowMs)}`;
}

function vantageLine({ name, way }: VantageEntry): string {
  if (way.kind === "self") return `${name}: this machine, from ${formatAddress(way.source)}`;
  const user = way.user === undefined ? "" : `${way.user}@`;
  const port = way.port === undefined ? "" : `, port ${way.port}`;
  const key = way.identityFile === undefined ? "" : `, with the key ${way.identityFile}`;
  return `${name}: ssh ${user}${way.host}${port}${key}`;
}

function expectedLine({ ports, from, until, why, services, processes }: ExpectedPorts, nowMs: number): string {
  const parts = [`${formatPortText(ports).join(" ")} from ${sourcesText(from)}`];
  if (services.length > 0) parts.push(`service ${services.join(" or ")}`);
  if (processes.length > 0) parts.push(`process ${processes.join(" or ")}`);
  return `${parts.join(", ")}${untilText(until, nowMs)}${why === undefined ? "" : `: ${why}`}`;
}

function untilText(until: EndDate | undefined, nowMs: number): string {
  if (until === undefined) return "";
  return hasEnded(until, nowMs) ? `, ended with ${until.text}` : `, until ${until.text}`;
}

/** Of URLs the host alone: what stands behind it may be a secret. */
function notifyLine(target: NotifyTarget): string {
  switch (target.kind) {
    case "command":
      return `command ${target.words.join(" ")}`;
    case "mail":
      return `mail ${target.address}`;
    case "webhook":
    case "ntfy":
      return `${target.kind} at ${new URL(target.url).host}`;
  }
}
