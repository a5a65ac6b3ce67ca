// Places in a file, as messages name them.
import type { InputPlace } from "../model/errors.js";

/** "postern.yaml:12:5". */
export function placeText({ file, line, column }: InputPlace): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}
