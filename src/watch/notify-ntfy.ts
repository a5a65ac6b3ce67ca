// Tells by ntfy: a POST to a topic, https://docs.ntfy.sh/publish/. Priorities are 1 to 5, 3 is the usual one.
import type { Severity } from "../model/audit-report.js";
import { gravest } from "./change.js";
import { encodedWords } from "./encoded-words.js";
import { noticeText, noticeTitle } from "./notice.js";
import type { Environment, Notifier } from "./notifier.js";
import type { SecretHeader } from "./notify-target.js";
import { post } from "./notify-webhook.js";

const TIMEOUT_MS = 15_000;
/** A longer message becomes an attachment. */
const MESSAGE_BYTES_MAX = 4000;
const LINES_MAX = 30;

const PRIORITIES: Readonly<Record<Severity, number>> = { ok: 2, info: 2, low: 3, medium: 4, high: 4, critical: 5 };

/** A topic of ntfy. */
export function ntfyNotifier(
  url: string,
  secrets: readonly SecretHeader[],
  environment: Environment,
  timeoutMs: number = TIMEOUT_MS,
): Notifier {
  return {
    // Who knows a topic's name can read it.
    name: `ntfy at ${new URL(url).host}`,
    tell(notice) {
      const severity = notice.kind === "trouble" ? "medium" : gravest(notice.changes);
      const headers = {
        title: encodedWords(noticeTitle(notice)).join(" "),
        priority: String(PRIORITIES[severity]),
        tags: `postern,${severity}`,
      };
      return post(url, cutBytes(noticeText(notice, LINES_MAX)), headers, { secrets, environment, timeoutMs });
    },
  };
}

function cutBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MESSAGE_BYTES_MAX) return text;
  // A character that is cut becomes U+FFFD.
  return `${bytes.toString("utf8", 0, MESSAGE_BYTES_MAX).replace(/\ufffd$/, "")}…`;
}
