// How a TCP segment is made, whatever it says: what a stack does alike in all its answers to the same question. One small
// number, so that segments are compared at once. RFC 6864 §4.1 (identification), RFC 6437 §3 (flow label).
import { TCP_HEADER_BYTES } from "../packet/tcp.js";
import type { FrameView } from "./frame-view.js";

/** Trait: the identification, or over IPv6 the flow label, is not 0. */
export const HAS_MARK = 1;
/** Trait: the packet must not be fragmented (DF); never over IPv6. */
export const HAS_DF = 2;
/** Trait: the window is not 0. */
export const HAS_WINDOW = 4;
/** Trait: there are TCP options. */
export const HAS_OPTIONS = 8;
/** Instead of traits: the segment cannot be compared with others. */
export const NO_TRAITS = -1;

/** The traits of a frame of kind "tcp", or-ed together. */
export function traitsOf(frame: FrameView): number {
  let traits = frame.mark === 0 ? 0 : HAS_MARK;
  if (frame.isDfSet) traits |= HAS_DF;
  if (frame.tcp.window !== 0) traits |= HAS_WINDOW;
  if (frame.tcp.headerBytes !== TCP_HEADER_BYTES) traits |= HAS_OPTIONS;
  return traits;
}
