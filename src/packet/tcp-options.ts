// TCP options: RFC 9293 §3.1 and §3.7.1 (end, no-op, segment size), RFC 7323 §2.2 and §3.2 (window scale, timestamps),
// RFC 2018 §2 (SACK permitted).

import { readUint8, readUint16, readUint32, writeUint8, writeUint16, writeUint32 } from "./bytes.js";
import { READ_OK, ReadFault, type ReadResult } from "./read-fault.js";

/** Kind: end of the list; what follows is padding. */
export const TCP_OPTION_END = 0;
/** Kind: no operation, one byte. */
export const TCP_OPTION_NOP = 1;
/** Kind: maximum segment size. */
export const TCP_OPTION_MSS = 2;
/** Kind: window scale. */
export const TCP_OPTION_WINDOW_SCALE = 3;
/** Kind: selective acknowledgments are welcome. */
export const TCP_OPTION_SACK_PERMITTED = 4;
/** Kind: timestamps. */
export const TCP_OPTION_TIMESTAMP = 8;

/** Length of the segment size option, in bytes. */
export const TCP_OPTION_MSS_BYTES = 4;
/** What fits behind a header of 20 bytes, in bytes: the data offset ends at 60. */
export const TCP_OPTIONS_MAX_BYTES = 40;

const WINDOW_SCALE_BYTES = 3;
const SACK_PERMITTED_BYTES = 2;
const TIMESTAMP_BYTES = 10;
/** Kind and length: the least that an option other than end and no-op says of itself. */
const OPTION_HEAD_BYTES = 2;

/** The options of a segment. Of a kind that comes twice, the last one counts. */
export interface TcpOptionsView {
  /** 0 when there is no such option. */
  maximumSegmentBytes: number;
  /** Bits to shift by, unjudged (RFC 7323 §2.3 allows 14); -1 when there is no such option. */
  windowScale: number;
  isSackPermitted: boolean;
  hasTimestamp: boolean;
  /** Unsigned 32 bits, in the sender's own ticks; 0 without the option. */
  timestampValue: number;
  /** Unsigned 32 bits; 0 without the option. */
  timestampEcho: number;
  /** The kinds as they came, no-op, end and unknown ones included: systems differ in this order. 40 bytes long. */
  readonly order: Uint8Array;
  /** How many entries of `order` count, 0 to 40. */
  orderCount: number;
}

/** Makes an empty view that a caller then uses for every segment. */
export function createTcpOptionsView(): TcpOptionsView {
  return {
    maximumSegmentBytes: 0,
    windowScale: -1,
    isSackPermitted: false,
    hasTimestamp: false,
    timestampValue: 0,
    timestampEcho: 0,
    order: new Uint8Array(TCP_OPTIONS_MAX_BYTES),
    orderCount: 0,
  };
}

/**
 * Reads the options `bytes[at..end)`: from byte 20 of a header to its `headerBytes`. MALFORMED when a length is below 2,
 * passes `end` or is not that of its kind; what came before it is then in the view. Unknown kinds are stepped over, and
 * bytes from the 41st on, which no header has, are not looked at.
 */
export function readTcpOptions(bytes: Uint8Array, at: number, end: number, view: TcpOptionsView): ReadResult {
  clearOptions(view);
  const stop = Math.min(end, at + TCP_OPTIONS_MAX_BYTES);
  let next = at;
  while (next < stop) {
    const kind = readUint8(bytes, next);
    writeUint8(view.order, view.orderCount, kind);
    view.orderCount += 1;
    if (kind === TCP_OPTION_END) {
      return READ_OK;
    }
    if (kind === TCP_OPTION_NOP) {
      next += 1;
      continue;
    }
    if (stop - next < OPTION_HEAD_BYTES) {
      return ReadFault.MALFORMED;
    }
    const optionBytes = readUint8(bytes, next + 1);
    if (optionBytes < OPTION_HEAD_BYTES || optionBytes > stop - next || !isLengthOfKind(kind, optionBytes)) {
      return ReadFault.MALFORMED;
    }
    readOption(bytes, next, kind, view);
    next += optionBytes;
  }
  return READ_OK;
}

/**
 * Writes the options that `order` lists, with the values of the other fields, and returns the bytes: a multiple of 4,
 * at most 40, padded with "end" (0). Kinds that we cannot write, and what would pass 40 bytes, are left out.
 */
export function writeTcpOptions(fields: Readonly<TcpOptionsView>, out: Uint8Array, at: number): number {
  let written = 0;
  for (let index = 0; index < fields.orderCount; index += 1) {
    const kind = readUint8(fields.order, index);
    const optionBytes = bytesOfKind(kind);
    if (optionBytes === 0 || written + optionBytes > TCP_OPTIONS_MAX_BYTES) {
      continue;
    }
    writeOption(fields, kind, optionBytes, out, at + written);
    written += optionBytes;
  }
  while (written % 4 !== 0) {
    writeUint8(out, at + written, TCP_OPTION_END);
    written += 1;
  }
  return written;
}

function clearOptions(view: TcpOptionsView): void {
  view.maximumSegmentBytes = 0;
  view.windowScale = -1;
  view.isSackPermitted = false;
  view.hasTimestamp = false;
  view.timestampValue = 0;
  view.timestampEcho = 0;
  view.orderCount = 0;
}

/** 0 for a kind that we do not know. */
function bytesOfKind(kind: number): number {
  switch (kind) {
    case TCP_OPTION_END:
    case TCP_OPTION_NOP:
      return 1;
    case TCP_OPTION_MSS:
      return TCP_OPTION_MSS_BYTES;
    case TCP_OPTION_WINDOW_SCALE:
      return WINDOW_SCALE_BYTES;
    case TCP_OPTION_SACK_PERMITTED:
      return SACK_PERMITTED_BYTES;
    case TCP_OPTION_TIMESTAMP:
      return TIMESTAMP_BYTES;
    default:
      return 0;
  }
}

function isLengthOfKind(kind: number, optionBytes: number): boolean {
  const expectedBytes = bytesOfKind(kind);
  return expectedBytes === 0 || expectedBytes === optionBytes;
}

function readOption(bytes: Uint8Array, at: number, kind: number, view: TcpOptionsView): void {
  const valueAt = at + OPTION_HEAD_BYTES;
  switch (kind) {
    case TCP_OPTION_MSS:
      view.maximumSegmentBytes = readUint16(bytes, valueAt);
      break;
    case TCP_OPTION_WINDOW_SCALE:
      view.windowScale = readUint8(bytes, valueAt);
      break;
    case TCP_OPTION_SACK_PERMITTED:
      view.isSackPermitted = true;
      break;
    case TCP_OPTION_TIMESTAMP:
      view.hasTimestamp = true;
      view.timestampValue = readUint32(bytes, valueAt);
      view.timestampEcho = readUint32(bytes, valueAt + 4);
      break;
    default:
      break;
  }
}

function writeOption(
  fields: Readonly<TcpOptionsView>,
  kind: number,
  optionBytes: number,
  out: Uint8Array,
  at: number,
): void {
  writeUint8(out, at, kind);
  if (optionBytes === 1) {
    return;
  }
  writeUint8(out, at + 1, optionBytes);
  const valueAt = at + OPTION_HEAD_BYTES;
  switch (kind) {
    case TCP_OPTION_MSS:
      writeUint16(out, valueAt, fields.maximumSegmentBytes);
      break;
    case TCP_OPTION_WINDOW_SCALE:
      writeUint8(out, valueAt, fields.windowScale);
      break;
    case TCP_OPTION_TIMESTAMP:
      writeUint32(out, valueAt, fields.timestampValue);
      writeUint32(out, valueAt + 4, fields.timestampEcho);
      break;
    default:
      break;
  }
}
