// Notices for tests.
import type { Change } from "./change.js";
import type { Notice } from "./notice.js";

/** What an enemy would put into a name. */
export const HOSTILE = "\u001b[2J\r\nBcc: everybody@example.org\r\n\r\n\u202e=?UTF-8?Q?x?=\u0000";

/** A port that opened. */
export const OPENED: Change = {
  kind: "new",
  what: "port",
  place: "192.0.2.1/tcp/22",
  severity: "medium",
  before: "closed",
  after: "open",
  title: "ssh",
};

/** A notice of one change. */
export function noticeOf(more: Partial<Notice> = {}): Notice {
  const at = "2026-11-24T12:00:00Z";
  const facts = { kind: "changes", watch: "nightly", vantage: "gate", at, keptAs: "scan 12" } as const;
  return { ...facts, changes: [OPENED], moreCount: 0, text: "", ...more };
}
