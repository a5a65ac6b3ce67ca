// Telnet as a client that answers and never asks: RFC 854 (commands, NVT), RFC 855 and RFC 1143 (options, and answering
// only changes, so that two sides cannot negotiate in circles), RFC 857 ECHO, RFC 858 SUPPRESS-GO-AHEAD, RFC 1091
// TERMINAL-TYPE, RFC 1073 NAWS.

const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;
const TERMINAL_TYPE = 24;
const WINDOW_SIZE = 31;
const TERMINAL_TYPE_IS = 0;
const TERMINAL_TYPE_SEND = 1;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A subnegotiation that we understand has two bytes. What is longer is read and forgotten. */
const PARAMETERS_MAX = 16;
/** Honest servers need a dozen answers. One that goes on asking gets none any more. */
const ANSWERS_MAX = 64;
/** RFC 1091: names of terminals have letters, digits, "-", "/", "." and some more, and at most 40 characters. */
const TERMINAL_NAME = /^[A-Za-z0-9][\w./+-]{0,39}$/;

/** What can be sent at the prompt (RFC 854, "telnet command structure"). */
export const TELNET_COMMANDS: Readonly<Record<string, number>> = {
  brk: 243,
  ip: 244,
  ao: 245,
  ayt: 246,
  ec: 247,
  el: 248,
};

/** What the other side is told about our terminal; both are refused where there is none. */
export interface TelnetTerminal {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
}

/** What came in. */
export interface TelnetInput {
  /** Without commands. */
  readonly data: Uint8Array;
  /** To be sent back; mostly empty. */
  readonly reply: Uint8Array;
}

type State = "data" | "command" | "option" | "parameters" | "parameters-command";

/** One connection. */
export class TelnetCodec {
  readonly #terminal: TelnetTerminal | undefined;
  #size: Pick<TelnetTerminal, "columns" | "rows">;
  #isActive: boolean;
  #state: State = "data";
  #command = 0;
  #parameters: number[] = [];
  #isBehindReturn = false;
  #isReturnHeld = false;
  #answersLeft = ANSWERS_MAX;
  /** Options that the other side, and that we, have switched on. */
  readonly #theirs = new Set<number>();
  readonly #ours = new Set<number>();

  /** `isActive` false: bytes are data until the other side begins to negotiate. */
  constructor(terminal: TelnetTerminal | undefined, isActive: boolean) {
    const isNamed = terminal !== undefined && TERMINAL_NAME.test(terminal.name);
    this.#terminal = terminal === undefined || isNamed ? terminal : { ...terminal, name: "UNKNOWN" };
    this.#size = terminal ?? { columns: 0, rows: 0 };
    this.#isActive = isActive;
  }

  /** True when telnet is spoken. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** True when the other side echoes: what is typed goes out key by key, and is not shown here. */
  get isEchoedByOther(): boolean {
    return this.#theirs.has(ECHO);
  }

  /** True when the other side has asked for so much that it gets no more answers. */
  get isTired(): boolean {
    return this.#answersLeft === 0;
  }

  /** Names of the options that are on, for people. */
  optionsText(): string {
    const names = (options: ReadonlySet<number>) =>
      [...options].map((option) => OPTION_NAMES.get(option) ?? `${option}`);
    const sides = [
      `theirs: ${names(this.#theirs).join(", ") || "none"}`,
      `ours: ${names(this.#ours).join(", ") || "none"}`,
    ];
    return sides.join("; ");
  }

  /** Takes apart what has come. */
  receive(chunk: Uint8Array): TelnetInput {
    const data = new Uint8Array(chunk.length + 1); // an IAC that was held back may turn out to be data
    let length = 0;
    const reply: number[] = [];
    for (const byte of chunk) length = this.#take(byte, data, length, reply);
    return { data: data.subarray(0, length), reply: Uint8Array.from(reply) };
  }

  /** What is held back when nothing more comes. */
  endOfInput(): Uint8Array {
    const isHeld = this.#state === "command" && !this.#isActive;
    this.#state = "data";
    return isHeld ? Uint8Array.of(IAC) : new Uint8Array(0);
  }

  /** What is to be sent for these bytes: IAC doubled, and line ends as RFC 854 wants them. `isLine`: not key by key. */
  send(chunk: Uint8Array, isLine: boolean): Uint8Array {
    if (!this.#isActive) return chunk;
    const bytes: number[] = [];
    for (const byte of chunk) this.#put(byte, isLine, bytes);
    return Uint8Array.from(bytes);
  }

  /** What is still to be sent when nothing more will be. */
  endOfOutput(): Uint8Array {
    const isHeld = this.#isReturnHeld;
    this.#isReturnHeld = false;
    return isHeld ? Uint8Array.of(RETURN, 0) : new Uint8Array(0);
  }

  /** The terminal has another size: what to send, perhaps nothing. */
  resize(columns: number, rows: number): Uint8Array {
    this.#size = { columns, rows };
    return this.#ours.has(WINDOW_SIZE) ? Uint8Array.from(this.#sizeBytes()) : new Uint8Array(0);
  }

  #take(byte: number, data: Uint8Array, length: number, reply: number[]): number {
    switch (this.#state) {
      case "data":
        return this.#takeData(byte, data, length);
      case "command":
        return this.#takeCommand(byte, data, length);
      case "option":
        this.#state = "data";
        this.#negotiate(byte, reply);
        return length;
      case "parameters":
        if (byte === IAC) this.#state = "parameters-command";
        else this.#keepParameter(byte);
        return length;
      case "parameters-command":
        return this.#takeParametersCommand(byte, data, length, reply);
    }
  }

  #takeData(byte: number, data: Uint8Array, length: number): number {
    if (byte === IAC) {
      this.#state = "command";
      return length;
    }
    // RFC 854: CR NUL is a carriage return and nothing more.
    const isPadding = byte === 0 && this.#isBehindReturn && this.#isActive;
    this.#isBehindReturn = byte === RETURN;
    if (isPadding) return length;
    data[length] = byte;
    return length + 1;
  }

  #takeCommand(byte: number, data: Uint8Array, length: number): number {
    this.#state = "data";
    this.#isBehindReturn = false;
    if (byte >= SB && byte < IAC) {
      this.#isActive = true;
      this.#command = byte;
      this.#parameters = [];
      this.#state = byte === SB ? "parameters" : "option";
      return length;
    }
    if (!this.#isActive) return this.#takeNoCommand(byte, data, length);
    if (byte !== IAC) return length; // no operation, data mark, go ahead …: nothing to do
    data[length] = IAC;
    return length + 1;
  }

  /** Nobody has begun to speak telnet: what looked like a command is data. */
  #takeNoCommand(byte: number, data: Uint8Array, length: number): number {
    data[length] = IAC;
    if (byte === IAC) {
      this.#state = "command"; // the second one may begin a command
      return length + 1;
    }
    data[length + 1] = byte;
    this.#isBehindReturn = byte === RETURN;
    return length + 2;
  }

  #keepParameter(byte: number): void {
    if (this.#parameters.length < PARAMETERS_MAX) this.#parameters.push(byte);
  }

  #takeParametersCommand(byte: number, data: Uint8Array, length: number, reply: number[]): number {
    if (byte === IAC) {
      this.#keepParameter(IAC);
      this.#state = "parameters";
      return length;
    }
    this.#answerParameters(reply);
    this.#state = "data";
    return byte === SE ? length : this.#takeCommand(byte, data, length); // a subnegotiation that has no end
  }

  #negotiate(option: number, reply: number[]): void {
    if (this.#command === WILL || this.#command === WONT) {
      const isAgreed = option === ECHO || option === SUPPRESS_GO_AHEAD;
      this.#settle(this.#theirs, option, this.#command === WILL, isAgreed, DO, DONT, reply);
      return;
    }
    const isOurs = option === TERMINAL_TYPE || option === WINDOW_SIZE;
    const isAgreed = option === SUPPRESS_GO_AHEAD || (isOurs && this.#terminal !== undefined);
    const wasOn = this.#ours.has(option);
    this.#settle(this.#ours, option, this.#command === DO, isAgreed, WILL, WONT, reply);
    if (option === WINDOW_SIZE && !wasOn && this.#ours.has(option)) reply.push(...this.#sizeBytes());
  }

  /** RFC 1143 §7 for a side that never asks by itself: answers changes, and refuses what it does not know. */
  #settle(
    on: Set<number>,
    option: number,
    isWanted: boolean,
    isAgreed: boolean,
    yes: number,
    no: number,
    reply: number[],
  ): void {
    if (on.has(option) === isWanted) return;
    if (this.#answersLeft === 0) {
      if (!isWanted) on.delete(option);
      return;
    }
    this.#answersLeft--;
    if (isWanted && isAgreed) on.add(option);
    else on.delete(option);
    reply.push(IAC, isWanted && isAgreed ? yes : no, option);
  }

  #answerParameters(reply: number[]): void {
    const [option, verb] = this.#parameters;
    if (option !== TERMINAL_TYPE || verb !== TERMINAL_TYPE_SEND || !this.#ours.has(option)) return;
    if (this.#terminal === undefined || this.#answersLeft === 0) return;
    this.#answersLeft--;
    const name = [...this.#terminal.name].map((character) => character.charCodeAt(0));
    reply.push(IAC, SB, TERMINAL_TYPE, TERMINAL_TYPE_IS, ...name, IAC, SE);
  }

  #sizeBytes(): readonly number[] {
    const { columns, rows } = this.#size;
    const numbers = [columns >>> 8, columns & 0xff, rows >>> 8, rows & 0xff].map((byte) => byte & 0xff);
    return [IAC, SB, WINDOW_SIZE, ...numbers.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte])), IAC, SE];
  }

  #put(byte: number, isLine: boolean, bytes: number[]): void {
    const isBehindReturn = this.#isReturnHeld;
    this.#isReturnHeld = false;
    if (isBehindReturn) bytes.push(RETURN, byte === NEWLINE ? NEWLINE : 0);
    if (byte === NEWLINE) {
      if (!isBehindReturn) bytes.push(RETURN, NEWLINE);
    } else if (byte === RETURN) {
      if (isLine) this.#isReturnHeld = true;
      else bytes.push(RETURN, 0);
    } else if (byte === IAC) {
      bytes.push(IAC, IAC);
    } else {
      bytes.push(byte);
    }
  }
}

const OPTION_NAMES: ReadonlyMap<number, string> = new Map([
  [ECHO, "echo"],
  [SUPPRESS_GO_AHEAD, "suppress go ahead"],
  [TERMINAL_TYPE, "terminal type"],
  [WINDOW_SIZE, "window size"],
]);
