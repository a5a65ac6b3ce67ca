// From what was read to the model: every entry gets the place where it stands, and everything is frozen.
import { LOCAL_LOG_ADDRESS } from "../linux/log-address.js";
import type { LogAddress } from "../linux/log-target.js";
import type { InputPlace } from "../model/errors.js";
import { type Fault, isFault, quote } from "../target/fault.js";
import { PortSet } from "../target/port-set.js";
import type { ExpectedText, GroupText, SourceText } from "./expect-section.js";
import { type HostText, parseHost } from "./host-text.js";
import type { ExpectedGroup, ExpectedPorts, HostList, PlacedBlock, PlacedName, Policy, Sources } from "./policy.js";
import type { PolicyText } from "./policy-schema.js";
import { isVantageName } from "./vantages-section.js";
import type { YamlPath, YamlText } from "./yaml-text.js";

const NAMES_ARE = "names are words of letters, digits, - and _, up to 32, and not any";

/** Takes what is wrong, and where. */
export type TakeFault = (message: string, at: InputPlace) => void;

/** What a policy is made of. */
export interface PolicyParts {
  readonly file: string;
  readonly zoneName: string;
  readonly text: PolicyText;
  readonly yaml: YamlText;
}

/** Makes the model. What it cannot make sense of is handed to `take` and left out. */
export function buildPolicy({ file, zoneName, text, yaml }: PolicyParts, take: TakeFault): Policy {
  const placeOf = (...path: YamlPath): InputPlace => yaml.placeOf(path);
  const { limits } = text;
  const hours = limits?.hours;
  const policy: Policy = {
    file,
    zoneName,
    scope: hostList(text.scope, yaml, ["scope"]),
    exclude: hostList(text.exclude, yaml, ["exclude"]),
    limits: {
      ratePps: limits?.rate,
      hostRatePps: limits?.["host-rate"],
      hours:
        hours === undefined || hours.length === 0
          ? undefined
          : {
              spans: hours.map(({ span }) => span),
              texts: hours.map((one) => one.text),
              at: placeOf("limits", "hours"),
            },
    },
    consents: text.consent.map(({ hosts, who, for: purpose, until }, at) => {
      return {
        hosts: hostList(hosts, yaml, ["consent", at, "hosts"]),
        who,
        purpose,
        until,
        at: placeOf("consent", at),
      };
    }),
    vantages: Object.entries(text.vantages).map(([name, way]) => {
      const at = yaml.keyPlaceOf(["vantages", name]);
      if (!isVantageName(name)) take(`vantages: ${quote(name)} is no name; ${NAMES_ARE}`, at);
      return { name, way, at };
    }),
    expect: Object.entries(text.expect).flatMap(([name, group]) => groupOf(name, group, yaml, take)),
    accepted: text.accepted.map(({ finding, reason, until }, at) => {
      return { finding, reason, until, at: placeOf("accepted", at) };
    }),
    notify: text.notify.map((target, at) => ({ ...target, at: placeOf("notify", at) })),
    log: logOf(text.syslog),
    isRecorded: text.history === true,
  };
  return frozen(policy);
}

function logOf(value: PolicyText["syslog"]): LogAddress | undefined {
  if (typeof value === "object") return value;
  return value === true ? LOCAL_LOG_ADDRESS : undefined;
}

/** A single one stands where the list would. */
function hostList(hosts: readonly HostText[], yaml: YamlText, path: YamlPath): HostList {
  const blocks: PlacedBlock[] = [];
  const names: PlacedName[] = [];
  for (const [index, host] of hosts.entries()) {
    const at = yaml.placeOf([...path, index]);
    if ("name" in host) names.push({ name: host.name, at });
    else blocks.push({ block: host.block, at });
  }
  return { blocks, names };
}

function groupOf(name: string, group: GroupText, yaml: YamlText, take: TakeFault): readonly ExpectedGroup[] {
  const at = yaml.keyPlaceOf(["expect", name]);
  const hosts = group.hosts === undefined ? ownHost(name, at) : hostList(group.hosts, yaml, ["expect", name, "hosts"]);
  if (isFault(hosts)) {
    take(hosts.fault, at);
    return [];
  }
  // The short form is the list itself, the long one has it under a key.
  const path = group.hosts === undefined && yaml.isList(["expect", name]) ? ["expect", name] : ["expect", name, "open"];
  return [{ name, hosts, open: group.open.map((one, index) => expectedOf(one, yaml, [...path, index])), at }];
}

/** A group that names no hosts is one itself. */
function ownHost(name: string, at: InputPlace): HostList | Fault {
  const host = parseHost(name);
  if (isFault(host)) {
    return { fault: `expect: ${quote(name)} names no hosts; write them under the key hosts, or a host in its place` };
  }
  return "name" in host
    ? { blocks: [], names: [{ name: host.name, at }] }
    : { blocks: [{ block: host.block, at }], names: [] };
}

function expectedOf(text: ExpectedText, yaml: YamlText, path: YamlPath): ExpectedPorts {
  const { ports, from, until, why, services, processes } = text;
  const joint = ports.reduce((all, one) => all.union(one), PortSet.empty);
  return { ports: joint, from: sourcesOf(from, yaml, path), until, why, services, processes, at: yaml.placeOf(path) };
}

function sourcesOf(from: readonly SourceText[], yaml: YamlText, path: YamlPath): Sources {
  const blocks: PlacedBlock[] = [];
  const vantages: PlacedName[] = [];
  for (const [index, source] of from.entries()) {
    const at = yaml.placeOf([...path, "from", index]);
    if (source === "any") continue;
    if ("vantage" in source) vantages.push({ name: source.vantage, at });
    else if ("block" in source) blocks.push({ block: source.block, at });
  }
  return { isAny: from.includes("any"), blocks, vantages };
}

/** Bytes cannot be frozen, and sets freeze themselves. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof PortSet)
    return value;
  for (const one of Object.values(value)) frozen(one);
  return Object.freeze(value);
}
