// Matches whose answer the model cannot tell, with the numbers of their options' values, so that what stands behind them is read
// right; and comment, which has none. iptables-extensions(8).
import { type ExtensionReader, together } from "./iptables-scope.js";
import { NotUnderstood } from "./not-understood.js";

function opaque(what: string, options: Readonly<Record<string, number>>): ExtensionReader {
  return together(options, () => {
    throw new NotUnderstood(what);
  });
}

const comment = together({ "--comment": 1 }, (given) =>
  given.map(({ values }) => ({ kind: "no-effect" as const, text: `--comment ${values[0] ?? ""}` })),
);

/** By their names. */
export const OPAQUE_MATCHES: ReadonlyMap<string, ExtensionReader> = new Map([
  ["comment", comment],
  [
    "string",
    opaque("a search in the packet's bytes", {
      "--algo": 1,
      "--string": 1,
      "--hex-string": 1,
      "--from": 1,
      "--to": 1,
      "--icase": 0,
    }),
  ],
  ["u32", opaque("a test of the packet's bytes", { "--u32": 1 })],
  ["bpf", opaque("a program of BPF", { "--bytecode": 1, "--object-pinned": 1 })],
  ["osf", opaque("a guess at the sender's system", { "--genre": 1, "--ttl": 1, "--log": 1 })],
  [
    "physdev",
    opaque("a port of a bridge", {
      "--physdev-in": 1,
      "--physdev-out": 1,
      "--physdev-is-in": 0,
      "--physdev-is-out": 0,
      "--physdev-is-bridged": 0,
    }),
  ],
  [
    "cluster",
    opaque("a share of the connections", {
      "--cluster-total-nodes": 1,
      "--cluster-local-node": 1,
      "--cluster-local-nodemask": 1,
      "--cluster-hash-seed": 1,
    }),
  ],
  [
    "ipvs",
    opaque("a connection of IPVS", {
      "--ipvs": 0,
      "--vproto": 1,
      "--vaddr": 1,
      "--vport": 1,
      "--vdir": 1,
      "--vmethod": 1,
      "--vportctl": 1,
    }),
  ],
  ["eui64", opaque("an address made of the link's address", {})],
]);
