// `postern connect` without -z: opens the connection, lets the two sides talk, and says how it ended.
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isatty } from "node:tty";
import { type PumpEnd, pumpBytes } from "../linux/byte-pump.js";
import { monotonicClock } from "../linux/clock.js";
import { EPIPE, errnoName, errnoOfCode, errnoWords } from "../linux/errno.js";
import { libc } from "../linux/libc.js";
import { ownAddresses } from "../linux/own-addresses.js";
import { TransmitGuard } from "../linux/transmit-guard.js";
import { InputError, SystemCallError, UsageError } from "../model/errors.js";
import { printable } from "../report/printable.js";
import { type Connected, openConnection } from "../talk/open-connection.js";
import { TelnetCodec } from "../talk/telnet-codec.js";
import { UdpStream } from "../talk/udp-stream.js";
import { type Address, formatAddress } from "../target/address.js";
import type { CommandConsole, CommandStreams } from "./command.js";
import type { ConnectSettings } from "./connect-settings.js";
import { type ConnectTarget, readPorts } from "./connect-target.js";
import { type ConversationEnd, converse } from "./conversation.js";
import { readServiceTable } from "./data-files.js";
import { isKeyboardOurs } from "./foreground.js";
import { probeLine } from "./probe-lines.js";
import { startTls } from "./start-tls.js";
import { TalkTerminal } from "./talk-terminal.js";

const DONE = 0;
const FAILED = 1;
/** 128 + SIGINT, as shells have it. */
const INTERRUPTED = 130;
const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** The first SYN and four more, at 1, 3, 7 and 15 s. */
const TIMEOUT_MS = 20_000;

/**
 * Talks to the port, and returns the exit status.
 *
 * @throws PosternError what stopped it before there was a connection, and what cannot be written
 */
export async function talkToPort(
  settings: ConnectSettings,
  target: ConnectTarget,
  console: CommandConsole,
): Promise<number> {
  const talk = new PortTalk(settings, target, console);
  return settings.isUdp ? talk.overUdp() : talk.overTcp();
}

class PortTalk {
  readonly #settings: ConnectSettings;
  readonly #target: ConnectTarget;
  readonly #console: CommandConsole;
  readonly #port: number;
  readonly #service: string | undefined;
  readonly #guard: TransmitGuard;
  readonly #timeoutMs: number;
  /** Who has taken the connection; before that, who is asked first. */
  #address: Address;

  constructor(settings: ConnectSettings, target: ConnectTarget, console: CommandConsole) {
    const protocol = settings.isUdp ? "udp" : "tcp";
    const services = readServiceTable();
    this.#settings = settings;
    this.#target = target;
    this.#console = console;
    this.#port = onlyPort(readPorts(settings.ports, protocol, services));
    this.#service = settings.isNumeric ? undefined : services.nameOf(this.#port, protocol);
    this.#guard = new TransmitGuard(target.scope);
    this.#timeoutMs = settings.timeoutMs ?? TIMEOUT_MS;
    this.#address = target.addresses[0];
  }

  async overTcp(): Promise<number> {
    const connected = this.#connect();
    if (connected === undefined) return FAILED;
    const { talk, tls } = this.#settings;
    const isUntouched = tls === undefined && !talk.isHex && !talk.isTelnet && !talk.isCrlf;
    if (isUntouched && !isatty(STANDARD_INPUT) && !isatty(STANDARD_OUTPUT)) return this.#pump(connected.fd);
    const socket = new Socket({ fd: connected.fd, allowHalfOpen: true });
    if (tls === undefined) return this.#converse(socket, "TCP");
    const { host } = this.#target;
    const say = (line: string) => this.#say(line);
    const started = await startTls({ socket, host, settings: tls, timeoutMs: this.#timeoutMs, nowMs: Date.now(), say });
    if ("socket" in started) return this.#converse(started.socket, started.socket.getProtocol() ?? "TLS");
    say(started.why);
    return FAILED;
  }

  async overUdp(): Promise<number> {
    const { sourceAddress, sourcePort } = this.#settings;
    const wire = await openUdp(this.#guard, this.#address, this.#port, { address: sourceAddress, port: sourcePort });
    if (isKeyboardOurs()) this.#say(`Each line is a datagram to ${this.#nameOfOther()}.`);
    return this.#converse(wire, "UDP");
  }

  #say(line: string): void {
    this.#console.writeError(`${printable(line)}\n`);
  }

  #connect(): Connected | undefined {
    const { sourceAddress, sourcePort, verbosity } = this.#settings;
    const { host, isName, addresses } = this.#target;
    const source = { address: sourceAddress, port: sourcePort };
    const options = { guard: this.#guard, clock: monotonicClock, source, timeoutMs: this.#timeoutMs };
    const probed = { host, isName, port: this.#port, protocol: "tcp", service: this.#service } as const;
    const own = ownAddresses();
    return openConnection(addresses, this.#port, options, ({ address, finding }) => {
      this.#address = address;
      const line = probeLine({ ...probed, address, timeoutMs: this.#timeoutMs }, finding, own, verbosity > 1);
      if (finding.state !== "open" || verbosity > 0) this.#say(line);
      else if (isKeyboardOurs()) this.#say(`Connected to ${this.#nameOfOther()}.`);
    });
  }

  #nameOfOther(): string {
    const { host, isName } = this.#target;
    const name = isName ? `${host} (${formatAddress(this.#address)})` : host;
    return `${name} port ${this.#port}${this.#service === undefined ? "" : ` (${this.#service})`}`;
  }

  /** Bytes that nobody wants to see changed. */
  #pump(socket: number): number {
    const { isHalfClosing, quitMs, idleMs } = this.#settings.talk;
    const end = pumpBytes({
      socket,
      input: STANDARD_INPUT,
      output: STANDARD_OUTPUT,
      isHalfClosing,
      quitMs,
      idleMs,
      clock: monotonicClock,
    });
    libc().close(socket);
    return this.#judgePump(end);
  }

  #judgePump({ why, errno, receivedBytes }: PumpEnd): number {
    switch (why) {
      case "ended":
      case "quit":
        return DONE;
      case "idle":
        return this.#judgeIdle(receivedBytes);
      case "failed":
        this.#say(`the connection broke off: ${errnoName(errno)}`);
        return FAILED;
      case "output failed":
        if (errno === EPIPE) return DONE; // who read it has seen enough
        throw new InputError(`cannot be written: ${errnoName(errno)}`, { file: "standard output" });
      case "input failed":
        throw new InputError(`cannot be read: ${errnoName(errno)}`, { file: "standard input" });
    }
  }

  async #converse(wire: Duplex, by: string): Promise<number> {
    const { talk, isUdp } = this.#settings;
    const streams = this.#console.openStreams();
    const terminal = isKeyboardOurs() ? new TalkTerminal(streams.input, talk.isRaw) : undefined;
    if (terminal !== undefined) this.#say("Ctrl-] leads to a prompt.");
    const end = await converse({
      wire,
      streams,
      settings: talk,
      telnet: isUdp ? undefined : this.#telnetOf(streams),
      terminal,
      interrupts: this.#console.watchInterrupts(),
      say: (text) => this.#console.writeError(text),
      describe: () => `Connected to ${this.#nameOfOther()}, ${by}.`,
    });
    return this.#judgeConversation(end, terminal !== undefined);
  }

  /** Telnet is answered on a terminal, and where it was asked for; elsewhere bytes are only bytes. */
  #telnetOf({ output }: CommandStreams): TelnetCodec | undefined {
    const { isTelnet } = this.#settings.talk;
    if (!output.isTTY && !isTelnet) return undefined;
    const name = this.#console.terminalName ?? "UNKNOWN";
    const terminal = output.isTTY ? { name, columns: output.columns, rows: output.rows } : undefined;
    return new TelnetCodec(terminal, isTelnet);
  }

  #judgeConversation({ why, error, receivedBytes }: ConversationEnd, isAtTerminal: boolean): number {
    switch (why) {
      case "closed by other":
        if (isAtTerminal) this.#say(`Connection closed by ${this.#nameOfOther()}.`);
        return DONE;
      case "quit":
      case "ended":
        if (isAtTerminal) this.#say("Connection closed.");
        return this.#settings.isUdp ? this.#judgeSilence(receivedBytes) : DONE;
      case "idle":
        return this.#judgeIdle(receivedBytes);
      case "interrupted":
        return INTERRUPTED;
      case "failed":
        this.#say(this.#brokenText(error));
        return FAILED;
    }
  }

  #brokenText(error: NodeJS.ErrnoException | undefined): string {
    if (this.#settings.isUdp && error?.code === "ECONNREFUSED") return "closed: an ICMP port unreachable came back";
    return `the connection broke off: ${error?.code === undefined ? error?.message : errnoWords(error.code)}`;
  }

  #judgeIdle(receivedBytes: number): number {
    const seconds = (this.#settings.talk.idleMs ?? 0) / 1000;
    if (this.#settings.verbosity > 0) this.#say(`nothing has passed for ${seconds} s`);
    return receivedBytes > 0 ? DONE : this.#judgeSilence(0);
  }

  /** Who has said nothing may not be there at all. */
  #judgeSilence(receivedBytes: number): number {
    if (receivedBytes > 0) return DONE;
    this.#say(`no answer: nothing came from ${this.#nameOfOther()}`);
    return FAILED;
  }
}

function onlyPort(ports: readonly number[]): number {
  const [port, ...others] = ports;
  if (port === undefined || others.length > 0) {
    throw new UsageError("a connection has one port: to probe several, use -z");
  }
  return port;
}

/** @throws SystemCallError when the socket cannot come from where it shall */
async function openUdp(
  guard: TransmitGuard,
  address: Address,
  port: number,
  source: { readonly address: Address | undefined; readonly port: number },
): Promise<UdpStream> {
  try {
    return await UdpStream.open(guard, address, port, source);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const { code, syscall } = error as NodeJS.ErrnoException;
    const errno = errnoOfCode(code);
    // biome-ignore lint/style/useErrorCause: it is passed, as the fourth argument
    throw new SystemCallError(syscall ?? "socket", errno, errnoName(errno), {
      object: formatAddress(address),
      cause: error,
    });
  }
}
