// The keyboard of a conversation: whole lines, or each key as it is typed, and the terminal as it was when it is over.
import { addLineEnd } from "../linux/terminal-line.js";
import { ESCAPE_BYTE } from "./escape-prompt.js";

const STANDARD_INPUT = 0;

/** Standard input as far as it is needed. */
export interface Keyboard {
  setRawMode(isRaw: boolean): unknown;
}

/** A terminal in the foreground. */
export class TalkTerminal {
  readonly #keyboard: Keyboard;
  readonly #isAlwaysRaw: boolean;
  readonly #undoLineEnd: (() => void) | undefined;
  #isRaw = false;
  #isRestored = false;

  /** `isAlwaysRaw`: --raw. */
  constructor(keyboard: Keyboard, isAlwaysRaw: boolean) {
    this.#keyboard = keyboard;
    this.#isAlwaysRaw = isAlwaysRaw;
    this.#undoLineEnd = addLineEnd(STANDARD_INPUT, ESCAPE_BYTE); // else Ctrl-] would wait for Enter
  }

  /** True when keys are sent one by one. */
  get isRaw(): boolean {
    return this.#isRaw;
  }

  /** True when keys shall be sent one by one: it was asked for, or the other side echoes them. */
  isRawWanted(telnet: { readonly isEchoedByOther: boolean } | undefined): boolean {
    return this.#isAlwaysRaw || telnet?.isEchoedByOther === true;
  }

  setRaw(isRaw: boolean): void {
    if (isRaw === this.#isRaw || this.#isRestored) return;
    this.#isRaw = isRaw;
    this.#keyboard.setRawMode(isRaw);
  }

  /** Gives the terminal back as it was; may be called more than once. */
  restore(): void {
    if (this.#isRestored) return;
    this.setRaw(false);
    this.#isRestored = true;
    this.#undoLineEnd?.();
  }
}
