// Puts the kernel's traces together: for each packet the rules and policies that had a say, in order (include/uapi/linux/
// netfilter/nf_tables.h, enum nft_trace_attributes; net/netfilter/nf_tables_trace.c).
import { attributesOf } from "./netfilter-socket.js";
import { OBSERVER } from "./observer.js";
import { headerOf } from "./seen-packet.js";

/** One thing that the kernel tells of a packet. */
export interface TraceEvent {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** The rule's handle; undefined for a policy. */
  readonly handle?: number;
  readonly verdict: string;
}

/** Numbers of attributes and of the one type that is told apart. */
const AT = { table: 1, chain: 2, handle: 3, type: 4, verdict: 5, id: 6, header: 8, policy: 16 } as const;
const TYPE_POLICY = 1;
const FAMILIES: Readonly<Record<number, string>> = { 1: "inet", 2: "ip", 5: "netdev", 10: "ip6" };
const VERDICTS: Readonly<Record<number, string>> = {
  0: "drop",
  1: "accept",
  3: "queue",
  [-1]: "continue",
  [-2]: "break",
  [-3]: "jump",
  [-4]: "goto",
  [-5]: "return",
};

/** Reads the messages of one namespace. */
export class TraceReader {
  /** Which packet a trace id stands for now: the kernel makes ids of where the packet lies in memory. */
  readonly #tags = new Map<number, number>();
  readonly #isOurs: (tag: number, protocol: number) => boolean;

  /** @param isOurs Tells packets of ours from the kernel's own, which have numbers, too */
  constructor(isOurs: (tag: number, protocol: number) => boolean) {
    this.#isOurs = isOurs;
  }

  /** What a message tells, and of which packet; undefined for what is not asked for. */
  read(view: DataView, from: number, end: number): { readonly tag: number; readonly event: TraceEvent } | undefined {
    const found = attributesOf(view, from, end);
    const id = found.get(AT.id)?.getUint32(0) ?? 0;
    const header = found.get(AT.header);
    if (header !== undefined) {
      const seen = headerOf(Buffer.from(header.buffer, header.byteOffset, header.byteLength));
      this.#tags.set(id, seen !== undefined && this.#isOurs(seen.tag, seen.protocol) ? seen.tag : -1);
    }
    const tag = this.#tags.get(id) ?? -1;
    const event = eventOf(view.getUint8(from - 4), found);
    return tag < 0 || event === undefined ? undefined : { tag, event };
  }
}

function eventOf(familyNumber: number, found: ReadonlyMap<number, DataView>): TraceEvent | undefined {
  const table = textOf(found.get(AT.table));
  if (table === OBSERVER) return undefined;
  const type = found.get(AT.type)?.getUint32(0) ?? 0;
  const handle = found.get(AT.handle);
  if (type !== TYPE_POLICY && handle === undefined) return undefined; // the end of a chain that was jumped to
  const place = { family: FAMILIES[familyNumber] ?? String(familyNumber), table, chain: textOf(found.get(AT.chain)) };
  if (type === TYPE_POLICY) return { ...place, verdict: VERDICTS[found.get(AT.policy)?.getUint32(0) ?? 0] ?? "?" };
  return { ...place, handle: Number(handle?.getBigUint64(0)), verdict: verdictOf(found.get(AT.verdict)) };
}

function verdictOf(nest: DataView | undefined): string {
  if (nest === undefined) return "?";
  const parts = attributesOf(new DataView(nest.buffer), nest.byteOffset, nest.byteOffset + nest.byteLength);
  const code = parts.get(1)?.getInt32(0) ?? 0;
  const name = VERDICTS[code < 0 ? code : code & 0xff] ?? String(code);
  const chain = parts.get(2);
  return chain === undefined ? name : `${name} ${textOf(chain)}`;
}

function textOf(view: DataView | undefined): string {
  if (view === undefined) return "";
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("utf8").replace(/\0.*$/, "");
}
