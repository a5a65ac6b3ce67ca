// What a reader could not take as it stands, told as notices: nothing is lost without a word, and no word comes a million times.
import type { NoticeEvent } from "../model/scan-event.js";
import { groupDigits } from "./quantity.js";

/** Why something was not taken as it stands: docs/reports.md, "What can be read", lists them. */
export type ReadNoticeCode = "cut-report" | "left-out" | "odd-value" | "unknown-ports" | "unknown-word";

/** Who takes notices. */
export interface NoticeTaker {
  notice(code: ReadNoticeCode, text: string): void;
}

/** Of each kind so many are told one by one. */
const NOTICES_MAX = 10;

/** Decides which notices are told: equal texts once, and of each kind no more than a few. */
export class ReadNotices implements NoticeTaker {
  readonly #tell: (event: NoticeEvent) => void;
  readonly #known: Map<ReadNoticeCode, { readonly texts: Set<string>; more: number }> = new Map();

  /** @param tell Takes what is told */
  constructor(tell: (event: NoticeEvent) => void) {
    this.#tell = tell;
  }

  notice(code: ReadNoticeCode, text: string): void {
    const known = this.#known.get(code) ?? { texts: new Set(), more: 0 };
    this.#known.set(code, known);
    if (known.texts.has(text)) return;
    if (known.texts.size >= NOTICES_MAX) {
      known.more += 1;
      return;
    }
    known.texts.add(text);
    this.#tell({ type: "notice", level: "warning", code, text });
  }

  /** Tells how many were not told one by one. */
  finish(): void {
    for (const [code, { more }] of this.#known) {
      if (more === 0) continue;
      const text = `${groupDigits(more)} more notices of the kind ${code} are not shown`;
      this.#tell({ type: "notice", level: "warning", code, text });
    }
  }
}
