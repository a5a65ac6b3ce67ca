// The word that the lines of a script of ours begin with: nobody over there can know it before the script runs.
import { randomWords } from "../linux/secret.js";

/** A new one. */
export function newTag(): string {
  return `postern-${[...randomWords(4)].map((word) => word.toString(36)).join("")}`;
}
