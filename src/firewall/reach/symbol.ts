// Which expressions hang on the source address or the destination port, the two that are left open in a question of reach.
import type { Expression, Field } from "../expression.js";
import { SCTP, TCP, UDP, UDPLITE } from "../walk/walk-state.js";
import type { Flow } from "./flow.js";

/** What an expression hangs on: `mixed` for both. */
export type Symbol = "none" | "source" | "port" | "mixed";

const PORT_PROTOCOLS: ReadonlySet<string> = new Set(["tcp", "udp", "udplite", "sctp", "dccp", "th"]);
/** Protocols whose ports ipset looks at. */
const IPSET_PROTOCOLS: ReadonlySet<number> = new Set([TCP, UDP, UDPLITE, SCTP]);

/** What an expression hangs on. */
export function symbolOf(expression: Expression, flow: Flow): Symbol {
  switch (expression.kind) {
    case "field":
      return fieldSymbol(expression.field, flow);
    case "value":
    case "unknown":
      return "none";
    case "binary":
      return joined([symbolOf(expression.left, flow), symbolOf(expression.right, flow)]);
    case "range":
      return joined([symbolOf(expression.low, flow), symbolOf(expression.high, flow)]);
    case "concat":
      return joined(expression.parts.map((part) => symbolOf(part, flow)));
    case "map":
      return symbolOf(expression.key, flow);
  }
}

function joined(symbols: readonly Symbol[]): Symbol {
  const open = new Set(symbols.filter((symbol) => symbol !== "none"));
  const [only = "none"] = open;
  return open.size < 2 ? only : "mixed";
}

function fieldSymbol(field: Field, flow: Flow): Symbol {
  const symbol = symbolOfKind(field, flow);
  return symbol === "port" && !flow.state.hasPorts ? "none" : symbol;
}

function symbolOfKind(field: Field, flow: Flow): Symbol {
  switch (field.kind) {
    case "payload":
      return payloadSymbol(field.protocol, field.field, flow);
    case "raw-payload":
      return rawSymbol(field, flow);
    case "meta":
      return metaSymbol(field.key, flow);
    case "ct":
      return connectionSymbol(field);
    case "fib":
      return field.flags.includes("saddr") && !flow.isSourceSet ? "source" : "none";
    default:
      return "none";
  }
}

/** What a rule has overwritten with something unknown hangs on nothing any more. */
function payloadSymbol(protocol: string, field: string, { isPortSet, isSourceSet, state }: Flow): Symbol {
  if (state.clobbered.has(`${protocol} ${field}`)) return "none";
  if (field === "saddr" && (protocol === "ip" || protocol === "ip6")) return isSourceSet ? "none" : "source";
  if (field === "dport" && PORT_PROTOCOLS.has(protocol)) return isPortSet ? "none" : "port";
  return "none";
}

function metaSymbol(key: string, { state, isPortSet }: Flow): Symbol {
  return key === "ipset-dport" && IPSET_PROTOCOLS.has(state.protocol) && !isPortSet ? "port" : "none";
}

function rawSymbol({ base, offsetBits, lengthBits }: Field & { readonly kind: "raw-payload" }, flow: Flow): Symbol {
  const end = offsetBits + lengthBits;
  if (base === "th") return offsetBits < 32 && end > 16 && !flow.isPortSet ? "port" : "none";
  if (base !== "nh" || flow.isSourceSet) return "none";
  const [from, to] = flow.state.family === 4 ? [96, 128] : [64, 192];
  return offsetBits < to && end > from ? "source" : "none";
}

/** The addresses and ports of the original direction are those before NAT: always the region's. */
function connectionSymbol({ key, direction }: Field & { readonly kind: "ct" }): Symbol {
  if (direction !== "original") return "none";
  if (key.includes("saddr") || key === "src") return "source";
  return key === "proto-dst" ? "port" : "none";
}
