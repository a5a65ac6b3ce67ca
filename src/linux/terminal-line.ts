// One more character that ends a line on a terminal, so that it is heard at once and not only with the next Enter
// (termios(3), VEOL).
import { libc } from "./libc.js";

/** struct termios: four flags of 4 bytes, c_line, then c_cc (include/uapi/asm-generic/termbits.h; glibc and musl alike). */
const CONTROL_CHARACTERS_AT = 17;
const VEOL = 11;
/** Room for the structure of any C library. */
const MODE_BYTES = 128;
const TCSANOW = 0;

/**
 * Makes the character end a line, as Enter does. Returns what undoes it; undefined where the terminal cannot. Only for a
 * process in the terminal's foreground: another one would be stopped (SIGTTOU).
 */
export function addLineEnd(fd: number, character: number): (() => void) | undefined {
  const mode = new Uint8Array(MODE_BYTES);
  if (libc().tcgetattr(fd, mode) !== 0) return undefined;
  const before = mode.slice();
  mode[CONTROL_CHARACTERS_AT + VEOL] = character;
  if (libc().tcsetattr(fd, TCSANOW, mode) !== 0) return undefined;
  return () => {
    libc().tcsetattr(fd, TCSANOW, before);
  };
}
