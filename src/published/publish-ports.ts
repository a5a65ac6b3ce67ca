// Which ports of this machine lead to which sockets: by NAT rules, and by programs such as docker-proxy.
import type { Gap } from "../inside/gap.js";
import type { InsideSocket, InsideView, NetworkNamespace } from "../inside/inside-view.js";
import { readCommand } from "../inside/process.js";
import type { PublishedPort } from "../inside/published-port.js";
import { isListening } from "../inside/socket-wish.js";
import type { ProcFiles } from "../linux/proc-files.js";
import type { AskedRulesets, RulesetText, RulesetTexts } from "../linux/ruleset-text.js";
import { formatAddress } from "../target/address.js";
import { mayForward, readPortForwarder } from "./port-forwarder.js";
import type { RulePorts, RuleTexts } from "./published-ports.js";
import { mayNftTranslate, maySavedTranslate } from "./translation-look.js";

/** The view with the ports that lead elsewhere, and the sockets that they lead to. */
export async function publishPorts(view: InsideView, files: ProcFiles, asked: AskedRulesets): Promise<InsideView> {
  const saved = await asked.saved;
  const rules = await rulePorts({
    iptables: told(saved.iptables, saved.iptablesLegacy),
    ip6tables: told(saved.ip6tables, saved.ip6tablesLegacy),
    nft: asked.nft.then((text) => told(text)[0]),
  });
  const published = [...rules.ports, ...forwardedPorts(view, files)];
  const gaps = [...textGap({ nft: await asked.nft, ...saved }), ...ruleGaps(rules)];
  return { ...view, published, publishedTo: leadingTo(view, published), gaps: [...view.gaps, ...gaps] };
}

const WHAT = "the ports that NAT publishes";
const NOTHING: RulePorts = { ports: [], isCut: false, isUnreadable: false };

/** What reads rules is loaded where there may be some to read. */
async function rulePorts(texts: RuleTexts): Promise<RulePorts> {
  const { iptables, ip6tables, nft } = texts;
  if (!maySavedTranslate([...iptables, ...ip6tables]) && !mayNftTranslate(await nft)) return NOTHING;
  const { portsByRules } = await import("./published-ports.js");
  return portsByRules(texts);
}

function told(...texts: readonly RulesetText[]): readonly string[] {
  return texts.flatMap((one) => (one.kind === "text" ? [one.text] : []));
}

/** One program's trouble is every program's: they lack the same right. */
function textGap(texts: RulesetTexts): readonly Gap[] {
  const fault = Object.values(texts).find(
    (text): text is RulesetText & { readonly kind: "fault" } => text.kind === "fault",
  );
  return fault === undefined ? [] : [{ code: "denied", what: WHAT, why: fault.why }];
}

function ruleGaps({ isCut, isUnreadable }: RulePorts): readonly Gap[] {
  const cut: readonly Gap[] = isCut ? [{ code: "malformed", what: WHAT, why: "there are too many rules" }] : [];
  return isUnreadable ? [...cut, { code: "malformed", what: WHAT, why: "a listing of them is not understood" }] : cut;
}

/** Programs that forward have a socket of their own here, and say the rest in their command line. */
function forwardedPorts({ sockets }: InsideView, files: ProcFiles): readonly PublishedPort[] {
  const pids = new Set(
    sockets
      .filter(({ namespace, socket }) => namespace.isOwn && socket.kind === "inet" && isListening(socket))
      .flatMap(({ holders }) => holders.flatMap(({ process }) => (mayForward(process) ? process.pid : []))),
  );
  return [...pids].flatMap((pid) => readPortForwarder(readCommand(files, pid) ?? [])?.ports ?? []);
}

function leadingTo(view: InsideView, published: readonly PublishedPort[]): InsideView["publishedTo"] {
  const ways = waysByNamespace(view, published);
  const found = new Map<InsideSocket, readonly PublishedPort[]>();
  if (ways.size === 0) return found;
  for (const one of view.sockets) {
    const own = ways.get(one.namespace)?.filter((way) => leadsTo(way, one)) ?? [];
    if (own.length > 0) found.set(one, own);
  }
  return found;
}

/** The ports that lead to an address of each namespace. */
function waysByNamespace({ namespaces }: InsideView, published: readonly PublishedPort[]) {
  const byTarget = new Map<string, PublishedPort[]>();
  for (const port of published) {
    if (port.toAddress !== undefined) byTarget.set(port.toAddress, [...(byTarget.get(port.toAddress) ?? []), port]);
  }
  const ways = new Map<NetworkNamespace, readonly PublishedPort[]>();
  if (byTarget.size === 0) return ways;
  for (const namespace of namespaces) {
    const own = namespace.network.addresses.flatMap(({ address }) => byTarget.get(formatAddress(address)) ?? []);
    if (own.length > 0) ways.set(namespace, own);
  }
  return ways;
}

/** A socket on a loopback address is not reached by an address of a link. */
function leadsTo({ protocol, toPorts, hostPorts }: PublishedPort, { socket, reach }: InsideSocket): boolean {
  if (socket.kind !== "inet" || reach === undefined || reach.kind === "machine") return false;
  const ports = toPorts ?? hostPorts;
  const isPort = ports === undefined || (socket.localPort >= ports[0] && socket.localPort <= ports[1]);
  return isPort && (protocol === undefined || protocol === socket.protocol);
}
