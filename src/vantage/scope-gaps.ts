// What lies outside of the scope is named instead of asked; the transmitter looks again at each packet.
import { formatAddress } from "../target/address.js";
import { Scope, type ScopeData } from "../target/scope.js";
import type { AskedList } from "./asked-list.js";
import type { VantageEvent } from "./vantage.js";

/** Takes what may not be probed off the list. */
export function* gapsBeyond(list: AskedList, scope: ScopeData): Generator<VantageEvent, void, void> {
  const allowed = Scope.fromData(scope);
  for (const address of list.addresses) {
    if (!allowed.allows(address)) yield* list.giveUp(formatAddress(address), "it is outside of what may be probed");
  }
}
