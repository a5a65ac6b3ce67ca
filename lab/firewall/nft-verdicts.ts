// Verdict maps and NAT statements of nftables at random.
import { addressSpan, apart, mayOverlap, overlap, portSpan } from "./address-values.js";
import type { MatchPlace, NftMatch } from "./nft-matches.js";
import type { Aim } from "./packet-draft.js";

/** A verdict map: anonymous, over one field or two. */
export function verdictMap({ chance, family, hook }: MatchPlace, targets: readonly string[], isNat: boolean): NftMatch {
  const verdicts = [
    ...["accept", "accept", "continue", "return"],
    ...(isNat ? [] : ["drop"]),
    ...targets.flatMap((name) => [`jump ${name}`, `goto ${name}`]),
  ];
  const rows = (keys: readonly string[]) => keys.map((key) => `${key} : ${chance.pick(verdicts)}`);
  const wild = chance.isIn(20) ? [`* : ${chance.pick(verdicts)}`] : [];
  const kind = chance.below(hook === "ingress" ? 2 : 4);
  if (kind === 0) {
    const spans = apart(() => portSpan(chance), 3, overlap);
    const proto = chance.pick(["tcp", "udp"]);
    const aim: Aim = (draft, own) => {
      draft.proto = proto;
      draft.dport = own.pick(own.pick(spans).around);
    };
    return { text: `${proto} dport vmap { ${[...rows(spans.map(({ text }) => text)), ...wild].join(", ")} }`, aim };
  }
  if (kind === 1) {
    const own = family === "both" ? chance.pick([4, 6] as const) : family;
    const spans = apart(() => addressSpan(own, chance), 3, mayOverlap);
    const aim: Aim = (draft, chooser) => {
      draft.family = own;
      draft.src = chooser.pick(chooser.pick(spans).around);
    };
    const text = [...rows(spans.map((span) => span.text)), ...wild].join(", ");
    return { text: `${own === 4 ? "ip" : "ip6"} saddr vmap { ${text} }`, aim };
  }
  if (kind === 2) {
    const keys = chance.some(["new", "established", "related", "invalid", "untracked"], 3);
    return { text: `ct state vmap { ${rows(keys).join(", ")} }`, aim: () => {} };
  }
  const ports = apart(() => portSpan(chance), 2, overlap);
  const pairs = ports.map(({ text }) => `${chance.pick(["tcp", "udp"])} . ${text}`);
  const aim: Aim = (draft, own) => {
    draft.proto = own.pick(["tcp", "udp"]);
    draft.dport = own.pick(own.pick(ports).around);
  };
  return { text: `meta l4proto . th dport vmap { ${rows(pairs).join(", ")} }`, aim };
}

const TARGETS = {
  4: ["10.1.2.3", "172.17.0.5", "192.168.1.77", "203.0.113.11"],
  6: ["2001:db8:2::77", "2001:db8:9::1"],
} as const;
const SOURCES = { 4: "203.0.113.10", 6: "2001:db8:1::10" } as const;
const OTHER_SOURCES = { 4: "10.9.9.9", 6: "2001:db8:9::9" } as const;

/** A NAT statement that the hook allows; undefined where a nat chain has none. */
export function natStatement({ chance, family, hook }: MatchPlace, isInet: boolean): string | undefined {
  const own = family === "both" ? chance.pick([4, 4, 6] as const) : family;
  const word = isInet ? (own === 4 ? "ip " : "ip6 ") : "";
  const guard = chance.isIn(40) ? chance.pick(["tcp dport 80 ", "udp dport 53 ", "meta l4proto tcp "]) : "";
  switch (hook) {
    case "prerouting":
    case "output":
      return guard + chance.pick(destinationNats(own, word, chance.pick<string>(TARGETS[own])));
    case "postrouting":
      return guard + chance.pick(sourceNats(own, word));
    case "input":
      return `${guard}snat ${word}to ${OTHER_SOURCES[own]}`;
    default:
      return undefined;
  }
}

function withPort(family: 4 | 6, address: string, port: number): string {
  return family === 4 ? `${address}:${port}` : `[${address}]:${port}`;
}

function destinationNats(family: 4 | 6, word: string, address: string): readonly string[] {
  const plain = [
    `dnat ${word}to ${address}`,
    `meta l4proto tcp dnat ${word}to ${withPort(family, address, 8081)}`,
    "redirect",
    "tcp dport 1-1024 redirect to :3128",
  ];
  if (family === 6) return plain;
  return [
    ...plain,
    `dnat ${word}to tcp dport map { 80 : 10.1.2.3, 443 : 172.17.0.5 }`,
    `dnat ${word}addr . port to tcp dport map { 80 : 10.1.2.3 . 8080, 22 : 203.0.113.11 . 2222 }`,
    `ip daddr 203.0.113.0/24 dnat ${word}prefix to 10.7.7.0/24`,
  ];
}

function sourceNats(family: 4 | 6, word: string): readonly string[] {
  const source = SOURCES[family];
  return [
    "masquerade",
    "masquerade",
    'oifname "eth0" masquerade',
    "meta l4proto { tcp, udp } masquerade fully-random",
    `snat ${word}to ${source}`,
    `meta l4proto tcp snat ${word}to ${withPort(family, source, 20_000)}-50000`,
  ];
}
