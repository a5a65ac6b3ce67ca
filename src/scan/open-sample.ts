// Does a host answer for every port? SYN proxies, tarpits and some firewalls take every connection, and a list of all their
// ports says nothing about what listens. When nearly all of many ports are open, a sample of them is asked again, by a whole
// handshake through the kernel, and the host is marked with what came of it.
import type { HostMark } from "../model/scan-event.js";
import { numberOf, TECHNIQUES } from "../technique/list.js";
import type { Host, Question } from "./host.js";
import type { Track } from "./track.js";

/** From so many ports on; no machine has that many services, and a scan of the most likely ports alone has fewer. */
const PORTS_MIN = 150;
/** So many of them have to be open. */
const OPEN_SHARE = 0.9;
/** Ports that are asked again. */
const SAMPLE_SIZE = 8;
/** So many of the sample have to connect again, for the open ports to be more than somebody's first packet. */
const CONFIRMED_SHARE = 0.75;

/** The ports that are asked again, and what they did. */
export class OpenSample {
  readonly questions: readonly Question[];
  private readonly openCount: number;
  private readonly portCount: number;
  private connectedCount = 0;

  constructor({ openCount, order }: Track) {
    this.openCount = openCount;
    this.portCount = order.length;
    const technique = numberOf("tcp-connect");
    // From the later half of the order: the likely ports, which may well be open, come first.
    const step = order.length / 2 / SAMPLE_SIZE;
    this.questions = Array.from({ length: SAMPLE_SIZE }, (_, index) => ({
      technique,
      port: order[order.length - 1 - Math.floor(index * step)] ?? 0,
    }));
  }

  /** A second handshake was completed. */
  onConnected(): void {
    this.connectedCount++;
  }

  /** What somebody who reads the ports must know. */
  mark(): HostMark {
    const { openCount, portCount, connectedCount } = this;
    const asked = `${connectedCount} of a sample of ${SAMPLE_SIZE}`;
    const isConfirmed = connectedCount >= SAMPLE_SIZE * CONFIRMED_SHARE;
    const text = isConfirmed
      ? `${openCount} of ${portCount} TCP ports answer as open, and ${asked} completed a second handshake: ` +
        "whatever answers here takes every connection, and its open ports do not show what listens"
      : `${openCount} of ${portCount} TCP ports answer as open, but only ${asked} completed a second handshake: ` +
        "something answers first packets in the host's name, and its open ports do not show what listens";
    return { code: "answers-everything", text };
  }
}

/** Begins to doubt a host whose ports are all decided; false where there is no reason to, or no way to ask again. */
export function beginSample(host: Host): boolean {
  if (host.openSample !== undefined || host.path.kind === "none") return false;
  const track = host.tracks.find(isAllOpen);
  if (track === undefined) return false;
  host.openSample = new OpenSample(track);
  host.questions = host.openSample.questions;
  host.cursor = 0;
  host.questionRetries.clear();
  return true;
}

/** Techniques that end in a handshake, or in half of one: from the others "open" is a weaker word. */
function isAllOpen({ technique, order, openCount }: Track): boolean {
  const name = TECHNIQUES[technique]?.name;
  const isHandshake = name === "tcp-syn" || name === "tcp-connect";
  return isHandshake && order.length >= PORTS_MIN && openCount >= order.length * OPEN_SHARE;
}
