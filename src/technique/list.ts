// All techniques. The order is a technique's number inside one run.
import { arp } from "./arp.js";
import { icmpEcho } from "./icmp-echo.js";
import { icmpTimestamp } from "./icmp-timestamp.js";
import { tcpAck } from "./tcp-ack.js";
import { tcpConnect } from "./tcp-connect.js";
import { tcpSyn } from "./tcp-syn.js";
import type { Technique } from "./technique.js";

/** Every technique that postern knows. */
export const TECHNIQUES: readonly Technique[] = [tcpSyn, tcpConnect, tcpAck, icmpEcho, icmpTimestamp, arp];
