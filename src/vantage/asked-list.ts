// Ports that are to be asked, each once, and which of them are still without an answer.
import { type Address, formatAddress, unmapped } from "../target/address.js";
import { singleBlock } from "../target/address-block.js";
import { type PortRange, PortSet } from "../target/port-set.js";
import type { TargetGroup } from "../target/target-set.js";
import type { AskedPort, VantageEvent } from "./vantage.js";

/** More ports of one address are not named one by one. */
const NAMED_MAX = 8;

/** What is open, by address and port. */
export class AskedList {
  readonly #byAddress = new Map<string, { readonly address: Address; readonly open: Map<string, AskedPort> }>();

  constructor(ports: readonly AskedPort[]) {
    for (const asked of ports) {
      const address = unmapped(asked.address);
      const text = formatAddress(address);
      const known = this.#byAddress.get(text) ?? { address, open: new Map<string, AskedPort>() };
      this.#byAddress.set(text, known);
      known.open.set(portKey(asked), asked);
    }
  }

  /** Addresses of which something is open, in the order in which they came. */
  get addresses(): readonly Address[] {
    return [...this.#byAddress.values()].map(({ address }) => address);
  }

  /** How many ports are open. */
  get count(): number {
    let count = 0;
    for (const { open } of this.#byAddress.values()) count += open.size;
    return count;
  }

  /** True when a port of this protocol is open. */
  has(protocol: AskedPort["protocol"]): boolean {
    for (const { open } of this.#byAddress.values()) {
      for (const asked of open.values()) if (asked.protocol === protocol) return true;
    }
    return false;
  }

  /** What is open as targets of a scan. */
  groups(): readonly TargetGroup[] {
    return [...this.#byAddress.values()].map(({ address, open }) => {
      const ranges = (protocol: AskedPort["protocol"]): readonly PortRange[] =>
        [...open.values()].filter((one) => one.protocol === protocol).map(({ port }) => [port, port]);
      return { block: singleBlock(address), ports: PortSet.of({ tcp: ranges("tcp"), udp: ranges("udp") }).toData() };
    });
  }

  /** Takes one port off the list; undefined where it is not on it. */
  take(address: string, port: { readonly protocol: string; readonly port: number }): AskedPort | undefined {
    const known = this.#byAddress.get(address);
    const asked = known?.open.get(portKey(port));
    known?.open.delete(portKey(port));
    if (known?.open.size === 0) this.#byAddress.delete(address);
    return asked;
  }

  /** Takes all ports of an address off the list, or those of one protocol, and says why they are not asked. */
  *giveUp(address: string, why: string, protocol?: AskedPort["protocol"]): Generator<VantageEvent, void, void> {
    const open = [...(this.#byAddress.get(address)?.open.values() ?? [])];
    const some = open.filter((one) => protocol === undefined || one.protocol === protocol);
    if (some.length === 0) return;
    for (const asked of some) this.take(address, asked);
    yield { kind: "gap", what: `${portsText(some)} of ${address}`, why };
  }
}

function portKey({ protocol, port }: { readonly protocol: string; readonly port: number }): string {
  return `${protocol} ${port}`;
}

function portsText(ports: readonly AskedPort[]): string {
  const texts = ports.map(({ protocol, port }) => `${port}/${protocol}`);
  const shown = texts.slice(0, NAMED_MAX).join(", ");
  return texts.length <= NAMED_MAX ? shown : `${shown} and ${texts.length - NAMED_MAX} more`;
}
