// The prompt behind Ctrl-] of `postern connect`, as telnet(1) has it: one command, then back to the connection.
import { TELNET_COMMANDS } from "../talk/telnet-codec.js";
import { quote } from "../target/fault.js";

/** Ctrl-]. */
export const ESCAPE_BYTE = 0x1d;

/** What the user wants. */
export type PromptAction =
  | { readonly kind: "resume" }
  | { readonly kind: "quit" }
  | { readonly kind: "status" }
  | { readonly kind: "hex" }
  | { readonly kind: "send"; readonly bytes: Uint8Array; readonly isTelnet: boolean }
  | { readonly kind: "say"; readonly text: string };

const SENDABLE = [...Object.keys(TELNET_COMMANDS), "esc"];

const HELP = [
  "quit or close   ends the connection",
  "status          says what is connected, and what has passed",
  "hex             shows bytes in hexadecimal, or no longer",
  `send WORD       sends one of ${SENDABLE.join(", ")}: telnet's commands, and Ctrl-] itself`,
  "Enter           goes back to the connection",
].join("\n");

const WORDS = ["quit", "close", "status", "hex", "send", "help"];
const IAC = 255;

/** Reads a line that was typed at the prompt. Words may be cut short where that is clear. */
export function readPromptLine(line: string): PromptAction {
  const [typed = "", operand = ""] = line.trim().toLowerCase().split(/\s+/);
  if (typed === "") return { kind: "resume" };
  const fitting = typed === "?" ? ["help"] : WORDS.filter((word) => word.startsWith(typed));
  const word = fitting.length === 1 ? fitting[0] : undefined;
  switch (word) {
    case "quit":
    case "close":
      return { kind: "quit" };
    case "status":
      return { kind: "status" };
    case "hex":
      return { kind: "hex" };
    case "send":
      return readSend(operand);
    case "help":
      return { kind: "say", text: HELP };
    default:
      return { kind: "say", text: `${quote(typed)} is no command here: quit, close, status, hex, send or help` };
  }
}

function readSend(operand: string): PromptAction {
  if (operand === "esc") return { kind: "send", bytes: Uint8Array.of(ESCAPE_BYTE), isTelnet: false };
  const code = Object.hasOwn(TELNET_COMMANDS, operand) ? TELNET_COMMANDS[operand] : undefined;
  if (code === undefined) return { kind: "say", text: `send takes one of ${SENDABLE.join(", ")}` };
  return { kind: "send", bytes: Uint8Array.of(IAC, code), isTelnet: true };
}
