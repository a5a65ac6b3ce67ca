// One packet shown to one technique, and what it made of it in a line, for the tests beside the techniques.
import { ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from "../packet/ethernet.js";
import { formatAddress } from "../target/address.js";
import type { Cookies } from "./cookies.js";
import { parsedFrame } from "./frames.test.data.js";
import { createAnswer, type FrameTechnique } from "./technique.js";

/** "filtered host-unreach 443 try 2 by 10.9.9.9", the last words when it was not the host itself; or "nothing". */
export function readAnswer(technique: FrameTechnique, cookies: Cookies, frame: Uint8Array): string {
  const answer = createAnswer();
  const etherType = (frame[0] ?? 0) >> 4 === 6 ? ETHER_TYPE_IPV6 : ETHER_TYPE_IPV4;
  const view = parsedFrame(frame, etherType, cookies);
  if (view === undefined || !technique.read(view, cookies, answer)) return "nothing";
  const { outcome, reason, port, tryIndex, responder } = answer;
  const by = responder === undefined ? "" : ` by ${formatAddress(responder)}`;
  return `${outcome} ${reason} ${port} try ${tryIndex}${by}`;
}
