// Addresses that answer on every port, though hardly anything waits there: what they say of single ports is worth nothing.
import type { AskedPort, PortAnswer } from "../vantage/vantage.js";

/** A port that was asked, and what is known of it. */
export interface AskedRow {
  readonly port: AskedPort;
  readonly answer: PortAnswer | undefined;
  /** Undefined where the inside was not seen. */
  readonly isAwaited: boolean | undefined;
}

/** With fewer ports it may be chance, or what the host is for. */
const UNAWAITED_MIN = 8;
const UNSEEN_MIN = 16;

/** What such an address is marked with; undefined for every other one. */
export function everythingMark(rows: readonly AskedRow[]): string | undefined {
  const asked = rows.filter(({ port, answer }) => port.protocol === "tcp" && answer !== undefined);
  const isSeen = asked.every(({ isAwaited }) => isAwaited !== undefined);
  const telling = isSeen ? asked.filter(({ isAwaited }) => isAwaited === false) : asked;
  if (telling.length < (isSeen ? UNAWAITED_MIN : UNSEEN_MIN)) return undefined;
  if (!telling.every(({ answer }) => answer?.state === "open")) return undefined;
  return `answers on all ${asked.length} TCP ports that it was asked for`;
}
