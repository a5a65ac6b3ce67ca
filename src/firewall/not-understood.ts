// What a reader of rules throws inside of itself when it meets what it does not know; it ends at the rule or the set.

/** Something in a listing that is not understood; the message names it. Caught where the rule or set is read. */
export class NotUnderstood extends Error {
  /** The code of the note that tells of it. */
  readonly code: "not-understood" | "unknown-key";

  constructor(what: string, code: "not-understood" | "unknown-key" = "not-understood") {
    super(what);
    this.name = "NotUnderstood";
    this.code = code;
  }
}
