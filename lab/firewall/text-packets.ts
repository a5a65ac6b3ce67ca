// Packets for rulesets that nobody of us has made: aimed at the ports and addresses that stand in their text, and around them.
import { Chance } from "./chance.js";
import type { PacketJson } from "./kernel-answer.js";
import { finishDraft, OWN, type PacketDraft } from "./packet-draft.js";

const IPV4 = /\b(\d{1,3}(?:\.\d{1,3}){3})\b/g;
const IPV6 = /(?<![\w:])((?:[0-9a-f]{1,4}:+){1,7}(?:[0-9a-f]{1,4})?)(?![\w:])/g;
/** Ports stand behind these words, or in a set, list or range that begins there. */
const PORTS = /(?:dports?|sports?|--ports?|:) ?(?:!=|[<>]=?)? ?\{?([\d, :.-]*\d)/g;
const PORT_MAX = 65_535;

interface Found {
  readonly addresses: { readonly 4: readonly string[]; readonly 6: readonly string[] };
  readonly ports: readonly number[];
}

function findIn(text: string): Found {
  const numbers = [...text.matchAll(PORTS)].flatMap(([, list = ""]) => list.split(/\D+/)).filter((one) => one !== "");
  const ports = numbers.map(Number).flatMap((port) => [port, port, port - 1, port + 1]);
  return {
    addresses: {
      4: [...text.matchAll(IPV4)].flatMap(([, found = ""]) => around4(found)),
      6: [...text.matchAll(IPV6)].flatMap(([, found = ""]) => (found.startsWith("2001:db8:") ? [whole6(found)] : [])),
    },
    ports: [...new Set([22, 53, 80, 443, ...ports])].filter((port) => port >= 0 && port <= PORT_MAX),
  };
}

/** The address, and those beside it. */
function around4(text: string): readonly string[] {
  const parts = text.split(".").map(Number);
  const [first = 0, , , last = 0] = parts;
  // Networks that mean something to the kernel itself are not told by rules.
  if (parts.some((part) => part > 255) || first === 0 || first === 127 || first >= 224) return [];
  return [last - 1, last, last, last + 1]
    .filter((one) => one > 0 && one < 255)
    .map((one) => [...parts.slice(0, 3), one].join("."));
}

/** A prefix that ends in "::" stands for its first host. */
function whole6(text: string): string {
  return text.endsWith("::") ? `${text}5` : text.endsWith(":") ? `${text}:5` : text;
}

/** So many packets, by chance with a seed. */
export function textPackets(text: string, count: number, seed: number): readonly PacketJson[] {
  const chance = new Chance(seed);
  const { addresses, ports } = findIn(text);
  return Array.from({ length: count }, (_none, at) => {
    const family = chance.pick([4, 4, 6] as const);
    const draft: PacketDraft = { family, dir: chance.isIn(80) ? "in" : "out" };
    if (addresses[family].length > 0 && chance.isIn(60)) draft.src = chance.pick(addresses[family]);
    if (addresses[family].length > 0 && chance.isIn(40)) draft.dst = chance.pick(addresses[family]);
    else if (draft.dir === "in" && chance.isIn(60)) draft.dst = chance.pick<string>(OWN[family]);
    if (chance.isIn(75)) draft.proto = chance.pick(["tcp", "tcp", "udp"]);
    if (chance.isIn(80)) draft.dport = chance.pick(ports);
    return finishDraft(draft, chance, at + 1);
  });
}
