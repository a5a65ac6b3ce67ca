// Which expressions hang on the source address or the destination port, the two that are left open in a question of reach.
import type { Expression, Field } from "../expression.js";
import type { Flow } from "./flow.js";

/** What an expression hangs on: `mixed` for what cannot be taken apart. */
export type Symbol = "none" | "source" | "port" | "mixed";

const PORT_PROTOCOLS: ReadonlySet<string> = new Set(["tcp", "udp", "udplite", "sctp", "dccp", "th"]);

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

/** The two together. */
export function joined(symbols: readonly Symbol[]): Symbol {
  const open = new Set(symbols.filter((symbol) => symbol !== "none"));
  if (open.size === 0) return "none";
  const [only] = open;
  return open.size === 1 && only !== undefined ? only : "mixed";
}

function fieldSymbol(field: Field, flow: Flow): Symbol {
  switch (field.kind) {
    case "payload":
      return payloadSymbol(field.protocol, field.field, flow);
    case "raw-payload":
      return rawSymbol(field, flow);
    case "ct":
      return connectionSymbol(field);
    case "fib":
      return field.flags.includes("saddr") ? "source" : "none";
    default:
      return "none";
  }
}

function payloadSymbol(protocol: string, field: string, { isPortSet }: Flow): Symbol {
  if (field === "saddr" && (protocol === "ip" || protocol === "ip6")) return "source";
  if (field === "dport" && PORT_PROTOCOLS.has(protocol)) return isPortSet ? "none" : "port";
  return "none";
}

function rawSymbol({ base, offsetBits, lengthBits }: Field & { readonly kind: "raw-payload" }, flow: Flow): Symbol {
  const end = offsetBits + lengthBits;
  if (base === "th") return offsetBits < 32 && end > 16 && !flow.isPortSet ? "port" : "none";
  if (base !== "nh") return "none";
  const [from, to] = flow.state.family === 4 ? [96, 128] : [64, 192];
  return offsetBits < to && end > from ? "source" : "none";
}

/** The addresses of the original direction are those before NAT, ports too. */
function connectionSymbol({ key, direction }: Field & { readonly kind: "ct" }): Symbol {
  if (direction !== "original") return "none";
  if (key.includes("saddr") || key === "src") return "source";
  return key === "proto-dst" ? "mixed" : "none";
}
