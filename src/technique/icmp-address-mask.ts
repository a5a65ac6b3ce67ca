// ICMP address mask: old and small systems answer it, current ones hardly ever (RFC 950 appendix I; RFC 6918 has retired
// it; nmap reference guide, -PM).
import {
  ICMP_ADDRESS_MASK,
  ICMP_ADDRESS_MASK_BYTES,
  ICMP_ADDRESS_MASK_REPLY,
  writeIcmpAddressMask,
} from "../packet/icmpv4.js";
import { icmpv4Query } from "./icmp-probe.js";
import type { FrameTechnique } from "./technique.js";

const fields = { identifier: 0, sequence: 0 };

/** Asks a host for the mask of its network. Which one is answered does not matter: who answers is there. */
export const icmpAddressMask: FrameTechnique = icmpv4Query({
  name: "icmp-address-mask",
  summary: "ICMP address mask request",
  sources: ["RFC 950 appendix I", "nmap reference guide, -PM"],
  option: "-PM",
  queryType: ICMP_ADDRESS_MASK,
  replyType: ICMP_ADDRESS_MASK_REPLY,
  reason: "addressmask-reply",
  messageBytes: ICMP_ADDRESS_MASK_BYTES,
  write(identifier, sequence, out, at) {
    fields.identifier = identifier;
    fields.sequence = sequence;
    return writeIcmpAddressMask(fields, out, at);
  },
});
