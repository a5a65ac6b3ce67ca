// Which interface the namespace's end of the pair stands for: the one by which this machine had its way to the sources, so
// that what depends on the interface is as near to that as it can be.

import { type Interface, isLinkLocal } from "../linux/interfaces.js";
import type { Route } from "../linux/routes.js";
import type { SideGuise, SideSource } from "../linux/side-namespace.js";
import type { Address } from "../target/address.js";

/** More addresses of one interface are no test of a firewall any more. */
const ADDRESSES_MAX = 64;
const FAMILIES = [4, 6] as const;

/** A source, and the way that this machine had to it. */
export type SourceWay = readonly [source: Address, way: Route];

/** How the pair is to look from here. */
export interface ChosenGuise {
  readonly sources: readonly SideSource[];
  readonly guise: SideGuise;
  /** The interfaces whose addresses the pair gets. */
  readonly models: readonly string[];
}

/** Chooses; without any way the first interface with addresses of the family stands model. */
export function chooseGuise(ways: readonly SourceWay[], interfaces: Iterable<Interface>): ChosenGuise {
  const all = [...interfaces];
  const modelOf = (family: 4 | 6): Interface | undefined => {
    const [, way] = ways.find(([{ family: own }]) => own === family) ?? [];
    const isModel = (device: Interface): boolean =>
      device.isUp && !device.isLoopback && addressesOf(device, family).length > 0;
    const device = way?.kind === "unicast" ? way.device : undefined;
    return device !== undefined && isModel(device) ? device : all.find(isModel);
  };
  const asked = FAMILIES.filter((family) => ways.some(([source]) => source.family === family));
  const models = new Map(asked.map((family) => [family, modelOf(family)] as const));
  const addresses = [...models].flatMap(([family, model]) => (model === undefined ? [] : addressesOf(model, family)));
  return {
    sources: ways.map(([address, way]) => ({
      address,
      answeredFrom: answeredFrom(way) ?? addresses.find(({ family }) => family === address.family),
    })),
    guise: { interfaceName: models.get(4)?.name, addresses },
    models: [...new Set([...models.values()].flatMap((model) => model?.name ?? []))],
  };
}

/** The own address that this machine has answered the source from so far. */
function answeredFrom({ kind, source }: Route): Address | undefined {
  return kind === "unicast" && source !== undefined && isGlobal(source) ? source : undefined;
}

/** In the kernel's order: primary ones first. */
function addressesOf(device: Interface, family: 4 | 6): readonly Address[] {
  const own = device.addresses.map(({ address }) => address);
  return own.filter((one) => one.family === family && isGlobal(one)).slice(0, ADDRESSES_MAX);
}

function isGlobal(address: Address): boolean {
  return address.family === 4 || !isLinkLocal(address.bytes);
}
