// Numbers of packet sockets and their rings (include/uapi/linux/if_packet.h, if_ether.h; packet(7)).

export const AF_PACKET = 17;
export const ETH_P_ALL = 0x0003;
export const SO_ATTACH_FILTER = 26;
export const SOL_PACKET = 263;
export const PACKET_ADD_MEMBERSHIP = 1;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_VERSION = 10;
export const PACKET_QDISC_BYPASS = 20;
export const PACKET_IGNORE_OUTGOING = 23;
export const TPACKET_V2 = 1;

/** struct tpacket2_hdr: offsets of the fields that are read. */
export const TP_LENGTH_AT = 4;
export const TP_SNAP_LENGTH_AT = 8;
export const TP_NETWORK_AT = 14;
export const TP_SECONDS_AT = 16;
export const TP_NANOSECONDS_AT = 20;
/** struct sockaddr_ll follows the header, aligned to 16 bytes. */
export const TP_LINK_ADDRESS_AT = 32;

/** struct sockaddr_ll: u16 family, be16 protocol, i32 ifindex, u16 hatype, u8 pkttype, u8 halen, u8 addr[8]. */
export const LINK_ADDRESS_BYTES = 20;
export const LINK_PROTOCOL_AT = 2;
export const LINK_SENDER_AT = 12;

/** struct tpacket_req { u32 block_size, block_nr, frame_size, frame_nr }. */
export interface RingShape {
  readonly blockBytes: number;
  readonly blockCount: number;
  readonly frameBytes: number;
}

/** Packs a ring's shape for setsockopt. */
export function ringRequest(shape: RingShape): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, shape.blockBytes, true);
  view.setUint32(4, shape.blockCount, true);
  view.setUint32(8, shape.frameBytes, true);
  view.setUint32(12, (shape.blockBytes / shape.frameBytes) * shape.blockCount, true);
  return bytes;
}

/** Packs a link-layer address to bind to; interface index 0 means all interfaces. */
export function linkAddress(protocol: number, interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(LINK_ADDRESS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(LINK_PROTOCOL_AT, protocol, false);
  view.setInt32(4, interfaceIndex, true);
  return bytes;
}

const PACKET_MR_ALLMULTI = 2;

/** Packs the wish to hear all groups: struct packet_mreq { i32 ifindex; u16 type, alen; u8 address[8] }. */
export function membershipRequest(interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, interfaceIndex, true);
  view.setUint16(4, PACKET_MR_ALLMULTI, true);
  return bytes;
}
