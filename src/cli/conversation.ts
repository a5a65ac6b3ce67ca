// One conversation of `postern connect`: what is typed or piped goes to the other side, what comes from there to standard
// output, through telnet, line ends, hexadecimal and what makes bytes harmless, as far as they are wanted.
import type { Duplex } from "node:stream";
import { printable } from "../report/printable.js";
import { HexView } from "../talk/hex-view.js";
import { LineEnds } from "../talk/line-ends.js";
import type { TelnetCodec } from "../talk/telnet-codec.js";
import { VisibleBytes } from "../talk/visible-bytes.js";
import type { CommandStreams } from "./command.js";
import type { TalkSettings } from "./connect-settings.js";
import { ESCAPE_BYTE, readPromptLine } from "./escape-prompt.js";
import type { TalkTerminal } from "./talk-terminal.js";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const PROMPT = "postern> ";

/** What takes part. */
export interface ConversationParts {
  /** The connection, half open where the other side may end first. */
  readonly wire: Duplex;
  readonly streams: CommandStreams;
  readonly settings: TalkSettings;
  /** Undefined where telnet is not spoken: over UDP, and in a pipe that does not ask for it. */
  readonly telnet: TelnetCodec | undefined;
  /** The keyboard; undefined where standard input is none. */
  readonly terminal: TalkTerminal | undefined;
  readonly interrupts: AbortSignal;
  /** What the user should read, with its line feeds. */
  say(text: string): void;
  /** What `status` says of the connection itself. */
  describe(): string;
}

/** How it ended. */
export interface ConversationEnd {
  readonly why: "ended" | "closed by other" | "quit" | "idle" | "interrupted" | "failed";
  /** What failed. */
  readonly error: NodeJS.ErrnoException | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Talks until there is a reason to end; the wire is closed then, and the terminal as it was. */
export function converse(parts: ConversationParts): Promise<ConversationEnd> {
  return new Promise((resolve) => {
    new Conversation(parts, resolve).start();
  });
}

class Conversation {
  readonly #parts: ConversationParts;
  readonly #resolve: (end: ConversationEnd) => void;
  readonly #hexView = new HexView();
  readonly #visible = new VisibleBytes(printable);
  readonly #lineEnds = new LineEnds();
  #isHex: boolean;
  #isPrompting = false;
  #isOver = false;
  #hasInputEnded = false;
  #hasWireEnded = false;
  #isTirednessTold = false;
  /** True while the cursor stands behind something on its line. */
  #isInLine = false;
  #receivedBytes = 0;
  #sentBytes = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #quitTimer: NodeJS.Timeout | undefined;
  readonly #onInput = (chunk: Buffer): void => this.#takeInput(chunk);
  readonly #onInputEnd = (): void => this.#endInput();
  readonly #onOutputDrain = (): void => this.#resumeWire();
  readonly #onInterrupt = (): void => this.#finish("interrupted");
  readonly #onResize = (): void => this.#resize();

  constructor(parts: ConversationParts, resolve: (end: ConversationEnd) => void) {
    this.#parts = parts;
    this.#resolve = resolve;
    this.#isHex = parts.settings.isHex;
  }

  start(): void {
    const { wire, streams, interrupts } = this.#parts;
    wire.on("data", (chunk: Buffer) => this.#takeWire(chunk));
    wire.on("end", () => this.#endWire());
    wire.on("error", (error: NodeJS.ErrnoException) => this.#finish("failed", error));
    wire.on("close", () => this.#finish(this.#hasWireEnded ? "closed by other" : "ended"));
    wire.on("drain", () => streams.input.resume());
    streams.output.on("drain", this.#onOutputDrain);
    streams.output.on("resize", this.#onResize);
    streams.input.on("data", this.#onInput);
    streams.input.on("end", this.#onInputEnd);
    streams.input.on("error", this.#onInputEnd); // a terminal that is gone, a directory: nothing more comes
    interrupts.addEventListener("abort", this.#onInterrupt);
    this.#setMode();
    this.#touch();
  }

  /** Something has passed: the time of doing nothing begins anew. */
  #touch(): void {
    const { idleMs } = this.#parts.settings;
    if (idleMs === undefined) return;
    if (this.#idleTimer === undefined) this.#idleTimer = setTimeout(() => this.#finish("idle"), idleMs);
    else this.#idleTimer.refresh();
  }

  #takeWire(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    this.#touch();
    if (this.#isHex) this.#show(this.#hexView.lines("<", chunk));
    const { telnet } = this.#parts;
    if (telnet === undefined) {
      this.#showData(chunk);
      return;
    }
    const { data, reply } = telnet.receive(chunk);
    this.#sendRaw(reply);
    this.#setMode();
    this.#showData(data);
    if (!telnet.isTired || this.#isTirednessTold) return;
    this.#isTirednessTold = true;
    this.#parts.say("the server negotiates without end: it gets no more answers\n");
  }

  /** What the other side has said, without telnet's part. */
  #showData(data: Uint8Array): void {
    if (this.#isHex || data.length === 0) return;
    this.#show(this.#parts.streams.output.isTTY ? this.#visible.write(data) : data);
  }

  #show(text: string | Uint8Array): void {
    if (text.length === 0) return;
    this.#isInLine = typeof text === "string" && !text.endsWith("\n");
    if (!this.#parts.streams.output.write(text)) this.#parts.wire.pause();
  }

  #resumeWire(): void {
    if (!this.#isPrompting) this.#parts.wire.resume();
  }

  #endWire(): void {
    this.#hasWireEnded = true;
    this.#showData(this.#parts.telnet?.endOfInput() ?? new Uint8Array(0));
    if (!this.#isHex) this.#show(this.#visible.end());
    // In a pipe the rest of the input is still sent, as nc does; nobody goes on typing to who has hung up.
    if (this.#hasInputEnded || this.#parts.terminal !== undefined) this.#finish("closed by other");
  }

  #takeInput(chunk: Buffer): void {
    this.#touch();
    if (this.#isPrompting) {
      this.#obey(chunk.toString("utf8"));
      return;
    }
    const at = this.#parts.terminal === undefined ? -1 : chunk.indexOf(ESCAPE_BYTE);
    if (at < 0) {
      this.#sendTyped(chunk);
      return;
    }
    this.#sendTyped(chunk.subarray(0, at));
    this.#openPrompt();
  }

  #sendTyped(chunk: Buffer): void {
    const { telnet, settings, terminal } = this.#parts;
    const isKeyed = terminal?.isRaw === true;
    if (telnet?.isActive === true) this.#sendRaw(telnet.send(chunk, !isKeyed));
    else if (!settings.isCrlf) this.#sendRaw(chunk);
    else
      this.#sendRaw(this.#lineEnds.convert(isKeyed ? chunk.map((byte) => (byte === RETURN ? NEWLINE : byte)) : chunk));
  }

  /** Sends bytes as they are. */
  #sendRaw(bytes: Uint8Array): void {
    const { wire, streams } = this.#parts;
    if (bytes.length === 0 || !wire.writable) return;
    this.#sentBytes += bytes.length;
    if (this.#isHex) this.#show(this.#hexView.lines(">", bytes));
    if (!wire.write(bytes)) streams.input.pause();
  }

  #endInput(): void {
    if (this.#hasInputEnded) return;
    const { settings, telnet, wire } = this.#parts;
    this.#hasInputEnded = true;
    if (telnet !== undefined) this.#sendRaw(telnet.endOfOutput());
    if (this.#hasWireEnded) this.#finish("closed by other");
    else if (settings.quitMs !== undefined) wire.write(new Uint8Array(0), () => this.#quitLater(settings.quitMs));
    if (settings.isHalfClosing && !this.#isOver) wire.end();
  }

  /** All that was read is on its way. */
  #quitLater(quitMs: number | undefined): void {
    if (!this.#isOver) this.#quitTimer = setTimeout(() => this.#finish("quit"), quitMs);
  }

  #openPrompt(): void {
    const { wire, terminal, say } = this.#parts;
    this.#isPrompting = true;
    wire.pause();
    terminal?.setRaw(false);
    say(`\n${PROMPT}`);
  }

  #obey(line: string): void {
    const { say } = this.#parts;
    const action = readPromptLine(line);
    switch (action.kind) {
      case "quit":
        this.#finish("quit");
        return;
      case "status":
        say(`${this.#statusText()}\n`);
        break;
      case "hex":
        this.#isHex = !this.#isHex;
        say(`Bytes are shown ${this.#isHex ? "in hexadecimal" : "as text"} from now on.\n`);
        break;
      case "send":
        if (action.isTelnet && this.#parts.telnet?.isActive !== true) say("telnet is not spoken on this connection\n");
        else this.#sendRaw(action.bytes);
        break;
      case "say":
        say(`${action.text}\n${PROMPT}`);
        return;
      case "resume":
        break;
    }
    this.#isPrompting = false;
    this.#setMode();
    this.#parts.wire.resume();
  }

  #statusText(): string {
    const { telnet, describe, terminal } = this.#parts;
    const lines = [
      describe(),
      `Sent ${this.#sentBytes} bytes, received ${this.#receivedBytes}.`,
      terminal?.isRawWanted(telnet) === true ? "Each key is sent as it is typed." : "Whole lines are sent.",
    ];
    if (telnet?.isActive === true) lines.push(`Telnet options, ${telnet.optionsText()}.`);
    return lines.join("\n");
  }

  /** The keyboard and the screen, as the other side wants them now. */
  #setMode(): void {
    const { terminal, telnet } = this.#parts;
    if (terminal === undefined || this.#isPrompting) return;
    const isRaw = terminal.isRawWanted(telnet);
    terminal.setRaw(isRaw);
    this.#visible.isDrawnByOther = isRaw;
  }

  #resize(): void {
    const { telnet, streams } = this.#parts;
    if (telnet !== undefined) this.#sendRaw(telnet.resize(streams.output.columns ?? 0, streams.output.rows ?? 0));
  }

  #finish(why: ConversationEnd["why"], error?: NodeJS.ErrnoException): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { wire, streams, terminal, interrupts } = this.#parts;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#quitTimer);
    interrupts.removeEventListener("abort", this.#onInterrupt);
    streams.output.off("drain", this.#onOutputDrain);
    streams.output.off("resize", this.#onResize);
    streams.input.off("data", this.#onInput);
    streams.input.off("end", this.#onInputEnd);
    streams.input.pause();
    terminal?.restore();
    if (this.#isInLine && terminal !== undefined && streams.output.isTTY) this.#show("\n");
    const end = { why, error, receivedBytes: this.#receivedBytes, sentBytes: this.#sentBytes };
    if (why !== "closed by other" || !wire.writable) {
      wire.destroy();
      this.#resolve(end);
      return;
    }
    // The last of a pipe's bytes may still wait for who reads slowly; if he goes away, that is an error or the close.
    wire.end(() => wire.destroy());
    wire.on("close", () => this.#resolve(end));
  }
}
