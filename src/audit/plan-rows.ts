// Which ports of a host are audited: those that anything at all names, and the likely ones.
import { type Address, formatAddress } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";
import { portKey } from "./port-key.js";

/** Ports without an address stand for every address. */
type AnyPort = Pick<AskedPort, "protocol" | "port">;

/** The rows of an audit, by address, protocol and port, each once. */
export function planRows(
  addresses: readonly Address[],
  everywhere: Iterable<AnyPort>,
  named: Iterable<AskedPort>,
): readonly AskedPort[] {
  const order = new Map(addresses.map((address, at) => [formatAddress(address), at]));
  const rows = new Map<string, AskedPort>();
  const add = (row: AskedPort): void => {
    if (order.has(formatAddress(row.address))) rows.set(portKey(row), row);
  };
  const ports = [...everywhere];
  for (const address of addresses) for (const { protocol, port } of ports) add({ address, protocol, port });
  for (const row of named) add(row);
  const rankOf = ({ address }: AskedPort): number => order.get(formatAddress(address)) ?? 0;
  return [...rows.values()].sort(
    (a, b) => rankOf(a) - rankOf(b) || (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.port - b.port),
  );
}
