// Plays a router, a link and all hosts behind it on a TAP device: `node --import tsx responder.ts eth0 '{"hosts":[…]}'`. Says
// "ready", then for each SIGUSR2 what it has seen since the last one, as a line of JSON; SIGTERM asks for the last one.
import process from "node:process";
import { Arrival, ICMP, ICMPV6, SCTP, TCP, UDP } from "./arrival.js";
import { Tally } from "./counts.js";
import {
  answerEcho,
  answerError,
  answerExpired,
  answerMask,
  answerUdp,
  isEchoRequest,
  isMaskRequest,
  PORT_UNREACHABLE,
  PROTOCOL_UNREACHABLE,
} from "./datagram-host.js";
import type { WanDescription } from "./description.js";
import { Flight, SLOT_COUNT } from "./flight.js";
import { HalfOpen } from "./half-open.js";
import { Link } from "./link.js";
import { CLOSED, hashOf, OPEN, type Population, populationsOf } from "./population.js";
import { IcmpRations } from "./rations.js";
import { ETHERNET_BYTES, Router } from "./router.js";
import { answerSctp } from "./sctp-host.js";
import { openTap, type Tap, takePrecedence } from "./tap.js";
import { answerTcp, connectionHash, isAckOrRst, isSyn } from "./tcp-host.js";

/** As long as the lab's other programs may live at most. */
const LIFE_MS = 3_600_000;
const FRAME_BYTES_MAX = 2048;
/** Packets that are read before answers go out: so long the time of arrival is that of the first. */
const READS_AT_ONCE = 32;
/** So long the event loop waits for its turn: signals are seen no earlier. */
const TURN_MS = 20;
/** To be woken by each packet would cost the scanner on the same processor more than the packet itself. */
const BUSY_US = 1000;
const PAUSE_US = 50;
/** RFC 6298 §2: first after one second, then after twice as long each time. */
const SYN_ACK_US = 1e6;
const HOST_SALT = 0x4057;
const MARK_SALT = 0x3a2c;

/** The link, the hosts, and what is under way between them. */
class Responder {
  private readonly tap: Tap;
  private readonly router: Router;
  private readonly link: Link;
  private readonly populations: readonly Population[];
  private readonly rations: readonly (IcmpRations | undefined)[];
  private readonly arrival: Arrival;
  private readonly flight: Flight;
  private readonly halfOpen: HalfOpen;
  private readonly tally: Tally;
  private readonly land = (slot: number, frame: Uint8Array, length: number): void => this.landed(slot, frame, length);
  private missedBefore: number;
  private nowUs = 0;
  /** When a packet was read last. */
  private readAtUs = 0;

  constructor(tap: Tap, description: WanDescription) {
    this.tap = tap;
    this.missedBefore = tap.missedCount();
    this.router = new Router(FRAME_BYTES_MAX, (frame, bytes) => tap.write(frame, bytes));
    this.arrival = new Arrival(this.router.frame.subarray(ETHERNET_BYTES));
    this.nowUs = performance.now() * 1000;
    this.link = new Link(description.link ?? {});
    this.populations = populationsOf(description);
    this.rations = description.hosts.map(({ icmpRations }) => {
      if (icmpRations === undefined || icmpRations === false) return undefined;
      return new IcmpRations(icmpRations === true ? {} : icmpRations);
    });
    this.flight = new Flight(this.nowUs);
    this.halfOpen = new HalfOpen(SLOT_COUNT);
    this.tally = new Tally(this.populations.map(({ hostBits }) => hostBits));
  }

  /** Works for about as long as {@link TURN_MS}. */
  turn(): void {
    const untilUs = performance.now() * 1000 + TURN_MS * 1000;
    do {
      const count = this.readSome();
      this.nowUs = performance.now() * 1000;
      this.flight.land(this.nowUs, this.land);
      if (count === 0) this.rest(Math.max(0, untilUs - this.nowUs));
      else this.readAtUs = this.nowUs;
    } while (this.nowUs < untilUs);
  }

  /** What came since it was asked last. */
  tell(): string {
    const missed = this.tap.missedCount();
    const told = this.tally.tell(this.link.counts, missed - this.missedBefore + this.flight.overflowCount);
    this.missedBefore = missed;
    this.flight.overflowCount = 0;
    return `${JSON.stringify(told)}\n`;
  }

  /** While packets come one after another it looks after them every now and then, as a busy network card does. */
  private rest(mostUs: number): void {
    const idleUs = this.flight.idleUs(this.nowUs, mostUs);
    if (this.nowUs - this.readAtUs < BUSY_US) this.tap.pause(Math.min(idleUs, PAUSE_US));
    else this.tap.wait(idleUs);
  }

  private readSome(): number {
    this.nowUs = performance.now() * 1000;
    for (let count = 0; count < READS_AT_ONCE; count++) {
      const length = this.tap.read(this.router.frame);
      if (length === 0) return count;
      if (this.router.take(length) === "packet") this.take(length - ETHERNET_BYTES);
    }
    return READS_AT_ONCE;
  }

  private take(length: number): void {
    const arrival = this.arrival;
    if (!arrival.read(length)) {
      this.tally.kind("broken");
      return;
    }
    const index = this.populationAt(arrival.target);
    const hosts = this.populations[index];
    if (hosts === undefined) {
      this.tally.kind("elsewhere");
      return;
    }
    this.count();
    const isUp = hosts.isUp(arrival.target);
    if (!isUp) this.tally.silence(index, arrival.target[3] ?? 0);
    const delayUs = this.link.there(this.nowUs);
    if (delayUs >= 0 && isUp) this.deliver(hosts, index, delayUs);
  }

  private populationAt(target: Int32Array): number {
    for (let index = 0; index < this.populations.length; index++) {
      if (this.populations[index]?.has(target)) return index;
    }
    return -1;
  }

  private count(): void {
    const { protocol, targetPort } = this.arrival;
    if (protocol === TCP) {
      this.tally.kind(isSyn(this.arrival) ? "syn" : "tcpOther");
      if (isSyn(this.arrival)) this.tally.port("tcp", targetPort);
    } else if (protocol === UDP) {
      this.tally.kind("udp");
      this.tally.port("udp", targetPort);
    } else if (protocol === SCTP) {
      this.tally.kind("sctp");
      this.tally.port("sctp", targetPort);
    } else {
      const isIcmp = protocol === ICMP || protocol === ICMPV6;
      this.tally.kind(isIcmp && isEchoRequest(this.arrival) ? "echo" : "other");
    }
  }

  /** The packet is at the host: its answer, if any, goes on its way. */
  private deliver(hosts: Population, index: number, delayThereUs: number): void {
    const slot = this.flight.take();
    if (slot < 0) return;
    const length = this.answer(hosts, index, slot);
    if (length === 0) {
      this.flight.release(slot);
      return;
    }
    this.tally.answeredCount++;
    this.router.writeHeader(this.flight.bytes, this.flight.at(slot) - ETHERNET_BYTES, this.arrival.family);
    const atHostUs = this.nowUs + delayThereUs;
    if (hosts.synAckRetries > 0) this.rememberSynAck(hosts, slot, length, atHostUs);
    this.sendBack(slot, length, atHostUs);
  }

  private answer(hosts: Population, index: number, slot: number): number {
    const arrival = this.arrival;
    const at = this.flight.at(slot);
    if (arrival.ttl <= hosts.routers.length) {
      const router = hosts.routers[arrival.ttl - 1];
      return router === undefined ? 0 : answerExpired(arrival, router, 64 - arrival.ttl, this.flight, at);
    }
    if (arrival.protocol === TCP) {
      if (hosts.synAckRetries > 0 && isAckOrRst(arrival)) {
        this.halfOpen.end(connectionHash(arrival, 0), connectionHash(arrival, MARK_SALT));
      }
      const code = hosts.codeOf(arrival.target, "tcp", arrival.targetPort);
      return answerTcp(arrival, hosts, code, this.flight, at);
    }
    if (arrival.protocol === UDP) return this.answerDatagram(hosts, index, at);
    if (arrival.protocol === ICMP || arrival.protocol === ICMPV6) {
      return this.answerIcmp(hosts, at);
    }
    if (arrival.protocol === SCTP && hosts.knowsSctp) {
      const code = hosts.codeOf(arrival.target, "sctp", arrival.targetPort);
      return answerSctp(arrival, hosts, code, this.flight, at);
    }
    return this.refuse(hosts, index, PROTOCOL_UNREACHABLE, at);
  }

  private answerIcmp(hosts: Population, at: number): number {
    const { arrival, flight } = this;
    if (hosts.answersEcho && isEchoRequest(arrival)) return answerEcho(arrival, hosts, flight, at);
    return hosts.description.answersMask && isMaskRequest(arrival) ? answerMask(arrival, hosts, flight, at) : 0;
  }

  private answerDatagram(hosts: Population, index: number, at: number): number {
    const code = hosts.codeOf(this.arrival.target, "udp", this.arrival.targetPort);
    if (code === OPEN) return answerUdp(this.arrival, hosts, this.flight, at);
    return code === CLOSED ? this.refuse(hosts, index, PORT_UNREACHABLE, at) : 0;
  }

  private refuse(hosts: Population, index: number, reason: number, at: number): number {
    const rations = this.rations[index];
    const arrival = this.arrival;
    const hostHash = hashOf(arrival.target, HOST_SALT);
    if (rations !== undefined && !rations.take(hostHash, this.sourceHash(), this.nowUs / 1000)) {
      this.tally.rationedCount++;
      return 0;
    }
    return answerError(arrival, hosts, reason, this.flight, at);
  }

  private sourceHash(): number {
    const { arrival } = this;
    let hash = 0;
    const end = arrival.addressAt + arrival.addressBytes;
    for (let at = arrival.addressAt; at < end; at += 4) hash = Math.imul(hash ^ arrival.uint32(at), 0x85eb_ca6b);
    return hash;
  }

  /** A copy of the SYN-ACK stays at the host until it is answered or given up. */
  private rememberSynAck(hosts: Population, slot: number, length: number, atHostUs: number): void {
    if (this.arrival.protocol !== TCP || !isSyn(this.arrival)) return;
    const isOpen = hosts.codeOf(this.arrival.target, "tcp", this.arrival.targetPort) === OPEN;
    const hash = connectionHash(this.arrival, 0);
    const mark = connectionHash(this.arrival, MARK_SALT);
    if (!isOpen || this.halfOpen.has(hash, mark)) return;
    const copy = this.flight.take();
    if (copy < 0) return;
    if (!this.halfOpen.add(hash, mark, copy, hosts.synAckRetries)) {
      this.flight.release(copy);
      return;
    }
    this.copySlot(slot, copy, length);
    this.flight.launch(copy, length, atHostUs + SYN_ACK_US);
  }

  private copySlot(from: number, to: number, length: number): void {
    const at = this.flight.at(from) - ETHERNET_BYTES;
    const end = at + ETHERNET_BYTES + length;
    this.flight.bytes.copyWithin(this.flight.at(to) - ETHERNET_BYTES, at, end);
  }

  private sendBack(slot: number, length: number, fromUs: number): void {
    const delayUs = this.link.back();
    if (delayUs < 0) {
      this.flight.release(slot);
      return;
    }
    const copy = this.link.isTwice() ? this.flight.take() : -1;
    if (copy >= 0) {
      this.copySlot(slot, copy, length);
      this.flight.launch(copy, length, fromUs + delayUs);
    }
    this.flight.launch(slot, length, fromUs + delayUs);
  }

  private landed(slot: number, frame: Uint8Array, length: number): void {
    if (this.halfOpen.holds(slot)) {
      this.repeatSynAck(slot, length);
      return;
    }
    this.tap.write(frame, ETHERNET_BYTES + length);
    this.flight.release(slot);
  }

  private repeatSynAck(slot: number, length: number): void {
    const round = this.halfOpen.repeat(slot);
    if (round === 0) {
      this.flight.release(slot);
      return;
    }
    const copy = this.flight.take();
    if (copy >= 0) {
      this.copySlot(slot, copy, length);
      this.sendBack(copy, length, this.nowUs);
    }
    this.flight.launch(slot, length, this.nowUs + SYN_ACK_US * 2 ** round);
  }
}

function main(): void {
  const [device = "", text = "{}"] = process.argv.slice(2);
  const responder = new Responder(openTap(device), JSON.parse(text) as WanDescription);
  let isOver = false;
  const turn = () => {
    if (isOver) return;
    responder.turn();
    setImmediate(turn);
  };
  setTimeout(() => process.exit(0), LIFE_MS).unref();
  process.on("SIGUSR2", () => process.stdout.write(responder.tell()));
  process.once("SIGTERM", () => {
    isOver = true;
    process.stdout.write(responder.tell(), () => process.exit(0));
  });
  process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
  process.stdin.resume();
  takePrecedence();
  setImmediate(turn);
  process.stdout.write("ready\n");
}

main();
