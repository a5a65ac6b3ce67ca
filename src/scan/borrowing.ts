// Borrows addresses of the link that the first target lies behind, for UDP probes (--borrow).
import { type BorrowedAddresses, claimAddresses } from "../linux/borrowed-addresses.js";
import { monotonicClock } from "../linux/clock.js";
import { RouteTable } from "../linux/routes.js";
import { randomWords } from "../linux/secret.js";
import type { TransmitGuard } from "../linux/transmit-guard.js";
import type { NoticeEvent } from "../model/scan-event.js";
import { type Address, formatAddress, isSameHost } from "../target/address.js";
import { blockContains } from "../target/address-block.js";
import { seededRandom } from "../target/random.js";
import { TargetSet } from "../target/target-set.js";
import type { EngineControl } from "./engine.js";
import type { ScanPlan } from "./plan.js";

/** What was had, and what the user should know of it. */
export interface Borrowing {
  readonly addresses: BorrowedAddresses | undefined;
  readonly notices: readonly NoticeEvent[];
}

/**
 * Borrows what the plan asks for, on the link of its first target.
 *
 * @throws SystemCallError where packet sockets are not allowed
 */
export async function borrowFor(plan: ScanPlan, guard: TransmitGuard, control: EngineControl): Promise<Borrowing> {
  const target = firstTarget(TargetSet.fromData(plan.targets));
  if (target === undefined) return failed("no target says on which link");
  const routes = new RouteTable();
  try {
    const { device, source, gateway, kind } = routes.lookup(target);
    const own = device?.addresses.find((one) => source !== undefined && isSameHost(one.address, source));
    if (device === undefined || own === undefined || kind !== "unicast" || !device.hasNeighbours) {
      return failed(`${formatAddress(target)} is not reached over Ethernet`);
    }
    const isTarget = (address: Address): boolean =>
      plan.targets.groups.some(({ block }) => blockContains(block, address));
    const addresses = await claimAddresses({
      device,
      own,
      count: plan.borrowCount,
      isTaken: (address) =>
        isTarget(address) ||
        (gateway !== undefined && isSameHost(gateway, address)) ||
        routes.neighbour(device, address) !== undefined,
      random: seededRandom(randomWords(1)[0] ?? 0),
      guard,
      clock: monotonicClock,
      isStopped: () => control.isStopped(),
    });
    return { addresses, notices: noticesOf(addresses, plan.borrowCount, device.name) };
  } finally {
    routes.close();
  }
}

function firstTarget(targets: TargetSet): Address | undefined {
  for (let index = 0; index < Math.min(targets.count, 4096); index++) {
    const target = targets.at(index);
    if (target !== undefined) return target.address;
  }
  return undefined;
}

function noticesOf(borrowed: BorrowedAddresses, wanted: number, device: string): readonly NoticeEvent[] {
  const count = borrowed.addresses.length;
  const level = count < wanted ? "warning" : "info";
  const text = `${count} of ${wanted} unused addresses of ${device} are borrowed while the scan runs`;
  const notices: NoticeEvent[] = [{ type: "notice", level, code: "borrowed", text }];
  if (borrowed.isForwarding) {
    const why = "this machine forwards packets: its kernel may answer in the name of borrowed addresses";
    notices.push({ type: "notice", level: "warning", code: "forwarding", text: why });
  }
  return notices;
}

function failed(why: string): Borrowing {
  const text = `no address can be borrowed: ${why}`;
  return { addresses: undefined, notices: [{ type: "notice", level: "warning", code: "not-borrowed", text }] };
}
