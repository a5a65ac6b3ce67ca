// The public library.
export { PosternError } from "./model/errors.js";
export { PORT_STATES, type PortState } from "./model/port-state.js";
export { REASONS, type Reason } from "./model/reason.js";
export type * from "./model/scan-event.js";
export type { PacketTap, TracedPacket } from "./model/traced-packet.js";
export { DEFAULT_MAX_RETRIES, DEFAULT_TIMING, type ScanPlan, type TransportChoice } from "./scan/plan.js";
export { type ScanOptions, scan } from "./scan/scan.js";
export { type Address, formatAddress, parseAddress } from "./target/address.js";
export { type AddressBlock, blockAround, singleBlock } from "./target/address-block.js";
export { PortSet } from "./target/port-set.js";
export { Scope } from "./target/scope.js";
export { type TargetGroup, TargetSet } from "./target/target-set.js";
