// The keys that a running scan listens to (nmap reference guide, Runtime Interaction). The terminal gives each key at once
// and unseen, in raw mode (termios(3)); then it makes no signals, so Ctrl-C and Ctrl-Z are ours to obey.

/** Standard input as far as it is needed; the caller makes sure that it is a terminal in the foreground. */
export interface KeyInput {
  setRawMode(isRaw: boolean): unknown;
  on(event: "data", listener: (bytes: Buffer | string) => void): unknown;
  off(event: "data", listener: (bytes: Buffer | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** What keys do. */
export interface KeyActions {
  /** How far the scan is. */
  showStatus(): void;
  skipHost(): void;
  /** +1 tells more, -1 less. */
  changeVerbosity(by: 1 | -1): void;
  /** The same of debugging. */
  changeDebugging(by: 1 | -1): void;
  /** Shows packets, or no longer. */
  showPackets(isShown: boolean): void;
  /** A line for the user. */
  say(text: string): void;
  interrupt(): void;
  /** Stops the process until it is brought back to the foreground. */
  suspend(): void;
}

/** The keys, and what each of them does. */
export const KEYS: readonly (readonly [key: string, what: string])[] = [
  ["s", "skips a host"],
  ["v and V", "tell more and less"],
  ["d and D", "tell more and less of how the scan goes"],
  ["p and P", "show packets and hide them"],
  ["?", "is this line"],
  ["Ctrl-C", "stops"],
  ["any other", "shows how far the scan is"],
];

/** One line about all keys. */
export const KEY_HELP: string = `Keys: ${KEYS.map((words) => words.join(" ")).join(", ")}`;

const CTRL_C = "\x03";
const CTRL_Z = "\x1a";

/** What one key does: the same for every key that is not named. */
function act(key: string, actions: KeyActions): void {
  switch (key) {
    case CTRL_C:
      actions.interrupt();
      break;
    case CTRL_Z:
      actions.suspend();
      break;
    case "s":
      actions.skipHost();
      break;
    case "v":
      actions.changeVerbosity(1);
      break;
    case "V":
      actions.changeVerbosity(-1);
      break;
    case "d":
      actions.changeDebugging(1);
      break;
    case "D":
      actions.changeDebugging(-1);
      break;
    case "p":
      actions.showPackets(true);
      break;
    case "P":
      actions.showPackets(false);
      break;
    case "?":
      actions.say(KEY_HELP);
      break;
    default:
      actions.showStatus();
  }
}

/** Listens until it is stopped. `stop` may be called more than once, and from the process's "exit", too. */
export class KeyListener {
  readonly #input: KeyInput;
  readonly #actions: KeyActions;
  readonly #onData = (bytes: Buffer | string): void => this.#take(String(bytes));
  #isListening = false;

  constructor(input: KeyInput, actions: KeyActions) {
    this.#input = input;
    this.#actions = actions;
  }

  start(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.#input.setRawMode(true);
    this.#input.on("data", this.#onData);
    this.#input.resume();
  }

  /** Gives the terminal back as it was. */
  stop(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    this.#input.off("data", this.#onData);
    this.#input.pause();
    this.#input.setRawMode(false);
  }

  /** An arrow or a function key comes as several characters: it is one key that nothing is bound to. */
  #take(text: string): void {
    const keys = text.startsWith("\x1b") ? ["\x1b"] : text;
    for (const key of keys) act(key, this.#actions);
  }
}
