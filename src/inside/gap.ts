// What could not be read, and why: said in every report of the inside, never left out.

/** One thing that is missing from what was read. */
export interface Gap {
  /** "denied": this process may not; "absent": not there at all; "malformed": not understood; "changed": it would not hold still. */
  readonly code: "denied" | "absent" | "malformed" | "changed";
  /** What is missing, as a clause: "the processes of 12 sockets". */
  readonly what: string;
  /**
   * The kernel's table of which sockets are missing, "tcp6", or "" for all tables; undefined where no socket is missing, but
   * something about one.
   */
  readonly table?: string;
  /** Number of the namespace whose table that is. */
  readonly namespace?: number | undefined;
  /** Why, as a clause, with what to do where that helps: "other users' descriptors need root". */
  readonly why: string;
}
