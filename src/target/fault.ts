// Faults: what floor 0 gives back instead of throwing when input cannot be understood.

/** Input that could not be understood: what was expected, in words for the user. */
export interface Fault {
  readonly fault: string;
}

/** True for a fault, false for every other value. */
export function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "fault" in value && typeof value.fault === "string";
}

const SHOWN_CHARACTERS = 80;

/** Controls, bidi and other format characters, odd blanks, line separators, private use and unassigned characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Shows text of unknown origin in a message: in quotes, escaped so that it cannot steer a terminal, cut when long. */
export function quote(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return JSON.stringify(cut).replace(UNSAFE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}
