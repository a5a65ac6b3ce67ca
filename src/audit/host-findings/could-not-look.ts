// What could not be looked at is a finding, too: where nobody has looked, nothing is known to be right.
import type { Blindness } from "../audit-subject.js";
import type { FindingBook } from "../finding-book.js";

/** The key of these findings. */
export const COULD_NOT_LOOK = "could-not-look";

/** One finding for a host, with everything that is missing. */
export function findCouldNotLook(book: FindingBook, host: string, blindnesses: readonly Blindness[]): void {
  const evidence = [...new Set(blindnesses.map(({ what, why }) => `${what}: ${why}`))];
  if (evidence.length === 0) return;
  book.add(
    COULD_NOT_LOOK,
    host,
    {
      severity: "low",
      confidence: "certain",
      title:
        evidence.length === 1 ? "something could not be looked at" : `${evidence.length} things could not be looked at`,
      evidence,
      nextStep: "see what is missing above; most of it is to be had as root",
    },
    undefined,
  );
}
