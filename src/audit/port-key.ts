// A port of an address as the key of maps.
import { formatAddress } from "../target/address.js";
import type { AskedPort } from "../vantage/vantage.js";

/** "192.0.2.1 tcp 22": equal for equal ports, whichever objects they are. */
export function portKey({ address, protocol, port }: AskedPort): string {
  return `${formatAddress(address)} ${protocol} ${port}`;
}
