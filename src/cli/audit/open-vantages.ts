// The places that an audit asks from, as the command line and the settings file name them.
import { RouteTable } from "../../linux/routes.js";
import { parseSshHost, type SshHost } from "../../linux/ssh-host.js";
import { UsageError } from "../../model/errors.js";
import type { Policy, VantageEntry } from "../../policy/policy.js";
import { type Address, formatAddress, parseAddress } from "../../target/address.js";
import { quote } from "../../target/fault.js";
import { nearest } from "../../target/nearest.js";
import type { UdpPayloads } from "../../technique/udp-payloads.js";
import { openHereVantage } from "../../vantage/here-vantage.js";
import { openSelfVantage } from "../../vantage/self-vantage.js";
import { openSshVantage } from "../../vantage/ssh-vantage.js";
import type { Vantage } from "../../vantage/vantage.js";

/** A place that is wanted. */
export interface VantageWish {
  /** As reports call it. */
  readonly name: string;
  readonly way: VantageEntry["way"] | { readonly kind: "here" } | { readonly kind: "self"; readonly source: undefined };
}

/**
 * Reads what `--from` says.
 *
 * @throws UsageError for what is no place to ask from
 */
export function readVantageWishes(texts: readonly string[], policy: Policy | undefined): readonly VantageWish[] {
  return texts.map((text) => {
    const entry = policy?.vantages.find(({ name }) => name === text);
    if (entry !== undefined) return { name: text, way: entry.way };
    if (text === "here") return { name: text, way: { kind: "here" } };
    if (text.startsWith("ssh:")) return { name: text, way: { kind: "ssh", ...sshHostOf(text.slice("ssh:".length)) } };
    if (text === "self") return { name: text, way: { kind: "self", source: undefined } };
    const known = ["self", "here", ...(policy?.vantages.map(({ name }) => name) ?? [])];
    const meant = nearest(text, known);
    throw new UsageError(`${quote(text)} is no place to ask from`, {
      hint: meant === undefined ? `known are ${known.join(", ")}, and ssh:[USER@]HOST` : `did you mean ${meant}?`,
    });
  });
}

/**
 * Reads [USER@]HOST[:PORT].
 *
 * @throws UsageError for what ssh could not be given
 */
export function sshHostOf(text: string): SshHost & { readonly identityFile: undefined } {
  const host = parseSshHost(text);
  if (host === undefined) throw new UsageError(`${quote(text)} is no host for ssh; write [USER@]HOST[:PORT]`);
  return { ...host, identityFile: undefined };
}

/** Addresses of `--source`. */
export function readSources(texts: readonly string[]): readonly Address[] | undefined {
  if (texts.length === 0) return undefined;
  return texts.map((text) => {
    const address = parseAddress(text);
    if (address === undefined) throw new UsageError(`--source takes addresses, and ${quote(text)} is none`);
    return address;
  });
}

/** What opening needs. */
export interface OpeningMeans {
  readonly sources: readonly Address[] | undefined;
  readonly udpPayloads: UdpPayloads;
  /** What will be asked. */
  readonly targets: readonly Address[];
  readonly sshConfigFile: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Opens one.
 *
 * @throws PosternError when it cannot be had
 */
export async function openVantage(
  { name, way }: VantageWish,
  { sources, udpPayloads, targets, sshConfigFile, signal }: OpeningMeans,
): Promise<Vantage> {
  switch (way.kind) {
    case "here":
      return {
        ...named(openHereVantage({ udpPayloads: udpPayloads.toData() }), name),
        sources: sourcesTowards(targets),
      };
    case "self":
      return named(
        openSelfVantage({
          source: sources ?? (way.source === undefined ? undefined : [way.source]),
          udpPayloads: udpPayloads.toData(),
        }),
        name,
      );
    case "ssh":
      return named(
        await openSshVantage(way, {
          targets,
          payloads: udpPayloads,
          identityFile: way.identityFile,
          configFile: sshConfigFile,
          signal,
        }),
        name,
      );
  }
}

/** The addresses that this machine sends from to others. */
function sourcesTowards(targets: readonly Address[]): readonly Address[] {
  const routes = new RouteTable();
  try {
    const found = targets.flatMap((target) => routes.lookup(target).source ?? []);
    return [...new Map(found.map((address) => [formatAddress(address), address])).values()];
  } finally {
    routes.close();
  }
}

/** The same place under the name that the settings file gives it. */
function named(vantage: Vantage, name: string): Vantage {
  return {
    name,
    means: vantage.means,
    sources: vantage.sources,
    arrivesBy: vantage.arrivesBy,
    limits: vantage.limits,
    ask: (ports, options) => vantage.ask(ports, options),
    [Symbol.asyncDispose]: () => vantage[Symbol.asyncDispose](),
  };
}
