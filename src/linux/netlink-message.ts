// Netlink's wire format, for all of its families (netlink(7); include/uapi/linux/netlink.h). Everything is in the
// machine's byte order, which is little-endian on all that postern runs on. No length is believed before it is checked.

import { EBADMSG } from "./errno.js";

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** struct nlmsghdr { u32 len; u16 type, flags; u32 seq, pid }. */
const HEADER_BYTES = 16;
const TYPE_AT = 4;
const FLAGS_AT = 6;
const SEQUENCE_AT = 8;
/** struct nlattr { u16 len, type }. */
const ATTRIBUTE_HEADER_BYTES = 4;
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;
const FLAG_REQUEST = 1;
const FLAG_DUMP = 0x300;
/** NLM_F_ACK, and with it NLM_F_EXCL and NLM_F_CREATE. */
const CHANGE_FLAGS = { set: 0x4, new: 0x604 } as const;
const FLAG_MULTI = 2;
const FLAG_DUMP_INTERRUPTED = 0x10;

/** An attribute by its number; one that holds attributes has {@link packAttributes} of them as its value. */
export type NetlinkAttribute = readonly [type: number, value: Uint8Array];

/** What is asked: a message type, its fixed part and attributes. */
export interface NetlinkRequest {
  readonly type: number;
  readonly body: Uint8Array;
  readonly attributes?: readonly NetlinkAttribute[];
  readonly isDump?: boolean;
  /** Something is to be changed, and the kernel shall say that it has; "new" must not be there yet. */
  readonly change?: "new" | "set";
}

/** How far an answer has come. */
export interface AnswerState {
  /** Undefined while more is to come, 0 at the end, an errno when the kernel has refused or the bytes make no sense. */
  errno: number | undefined;
  /** True when the kernel says that what it listed has changed meanwhile (NLM_F_DUMP_INTR): some may be missing. */
  isTorn: boolean;
  /** A list ends with NLMSG_DONE and nothing else: some of its messages lack NLM_F_MULTI (SCTP's associations). */
  readonly isDump: boolean;
}

/** Sees a message where it lies: `at` is where its fixed part begins, `end` where the message ends. */
export type MessageVisitor = (type: number, at: number, end: number) => void;

const align = (bytes: number): number => (bytes + 3) & ~3;

/** The request as bytes. */
export function packRequest(request: NetlinkRequest, sequence: number): Uint8Array {
  const attributes = packAttributes(request.attributes ?? []);
  const attributesAt = HEADER_BYTES + align(request.body.length);
  const bytes = new Uint8Array(attributesAt + attributes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(TYPE_AT, request.type, true);
  view.setUint16(FLAGS_AT, FLAG_REQUEST | (request.isDump === true ? FLAG_DUMP : 0) | changeFlags(request), true);
  view.setUint32(SEQUENCE_AT, sequence, true);
  bytes.set(request.body, HEADER_BYTES);
  bytes.set(attributes, attributesAt);
  return bytes;
}

function changeFlags({ change }: NetlinkRequest): number {
  return change === undefined ? 0 : CHANGE_FLAGS[change];
}

/** Attributes one behind the other, each at a multiple of four. */
export function packAttributes(attributes: readonly NetlinkAttribute[]): Uint8Array {
  const lengthOf = ([, value]: NetlinkAttribute): number => align(ATTRIBUTE_HEADER_BYTES + value.length);
  const bytes = new Uint8Array(attributes.reduce((sum, attribute) => sum + lengthOf(attribute), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const attribute of attributes) {
    const [type, value] = attribute;
    view.setUint16(at, ATTRIBUTE_HEADER_BYTES + value.length, true);
    view.setUint16(at + 2, type, true);
    bytes.set(value, at + ATTRIBUTE_HEADER_BYTES);
    at += lengthOf(attribute);
  }
  return bytes;
}

/**
 * Walks over the messages of one datagram, `view` from its first byte to its last. Shows those that answer the request
 * of this number, and notes in `state` what the datagram says of the answer as a whole. What belongs to another request
 * is passed over: an answer that was given up may still be in the queue.
 */
export function walkMessages(view: DataView, sequence: number, state: AnswerState, visit: MessageVisitor): void {
  const end = view.byteLength;
  for (let at = 0; at < end; ) {
    const length = at + HEADER_BYTES > end ? 0 : view.getUint32(at, true);
    if (length < HEADER_BYTES || length > end - at) {
      state.errno = EBADMSG;
      return;
    }
    if (view.getUint32(at + SEQUENCE_AT, true) === sequence) takeMessage(view, at, at + length, state, visit);
    if (state.errno !== undefined && state.errno !== 0) return;
    at += align(length);
  }
}

function takeMessage(view: DataView, at: number, end: number, state: AnswerState, visit: MessageVisitor): void {
  const type = view.getUint16(at + TYPE_AT, true);
  const flags = view.getUint16(at + FLAGS_AT, true);
  const body = at + HEADER_BYTES;
  if ((flags & FLAG_DUMP_INTERRUPTED) !== 0) state.isTorn = true;
  if (type === NLMSG_ERROR || type === NLMSG_DONE) {
    // A dump that cannot even begin (no such protocol) ends with NLMSG_DONE, and the error stands in it as in NLMSG_ERROR.
    state.errno = body + 4 <= end ? Math.abs(view.getInt32(body, true)) : 0;
    return;
  }
  visit(type, body, end);
  if (!state.isDump && (flags & FLAG_MULTI) === 0) state.errno = 0;
}

/** What is done with an attribute's value, which lies from `at` up to `end`. */
export type AttributeVisitor<Target> = (target: Target, type: number, view: DataView, at: number, end: number) => void;

/** Shows the attributes between `from` and `end` where they lie, with the target that they are about. */
export function walkAttributes<Target>(
  view: DataView,
  from: number,
  end: number,
  target: Target,
  visit: AttributeVisitor<Target>,
): Target {
  for (let at = from; at + ATTRIBUTE_HEADER_BYTES <= end; ) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_BYTES || length > end - at) break;
    visit(target, view.getUint16(at + 2, true) & ATTRIBUTE_TYPE_MASK, view, at + ATTRIBUTE_HEADER_BYTES, at + length);
    at += align(length);
  }
  return target;
}

/** The attributes from `at` to the end of `bytes`, by number: views of these bytes. What is cut off is left out. */
export function readAttributes(bytes: Uint8Array, at: number): Map<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return walkAttributes(view, at, bytes.length, new Map<number, Uint8Array>(), (attributes, type, _view, from, end) => {
    attributes.set(type, bytes.subarray(from, end));
  });
}
