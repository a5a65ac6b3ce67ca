// Lists of targets in files (nmap's -iL and --excludefile): words between blanks, # comments to the end of the line.

/** A word of the list and the line it stands on, counted from 1. */
export interface TargetListEntry {
  readonly text: string;
  readonly line: number;
}

const LINE_FEED = 0x0a;
const HASH = 0x23;
const SPACE = 0x20;
const BYTE_ORDER_MARK = 0xfeff;

/** Splits the text of a list; a byte order mark, CRLF and NUL between the words are as good as blanks. */
export function splitTargetList(text: string): TargetListEntry[] {
  const entries: TargetListEntry[] = [];
  let line = 1;
  let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED) line++;
    if (isBlank(code)) {
      at++;
    } else if (code === HASH) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else {
      const end = endOfWord(text, at);
      entries.push({ text: text.slice(at, end), line });
      at = end;
    }
  }
  return entries;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === HASH || isBlank(code)) return at;
    at++;
  }
  return at;
}

/** Space, the controls from tab to carriage return, and NUL, which separates the names that find -print0 writes. */
function isBlank(code: number): boolean {
  return code === SPACE || (code >= 0x09 && code <= 0x0d) || code === 0;
}
