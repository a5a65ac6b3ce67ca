// Tells by mail, through the sendmail that the system has (sendmail(8), postfix, exim, msmtp …). RFC 5322, RFC 2045; RFC 3834 for
// the header that keeps holiday answers away.
import { encodedWords } from "./encoded-words.js";
import { type Notice, noticeText, noticeTitle } from "./notice.js";
import type { Environment, Notifier } from "./notifier.js";
import { runWithInput } from "./notify-command.js";
import { isMailAddress } from "./notify-target.js";

const SENDMAIL = "/usr/sbin/sendmail";
const TIMEOUT_MS = 60_000;
/** RFC 2045 §6.8. */
const BASE64_LINE = /.{1,76}/g;

/** Mail. */
export function mailNotifier(
  address: string,
  environment: Environment,
  program: string = SENDMAIL,
  timeoutMs: number = TIMEOUT_MS,
): Notifier {
  return {
    name: `mail to ${address}`,
    async tell(notice) {
      if (!isMailAddress(address)) return "this is no mail address";
      // -t: the recipient stands in the header. -i: a line with a dot does not end the text.
      return runWithInput(program, ["-i", "-t"], mailOf(address, notice), { environment, timeoutMs });
    },
  };
}

/** The whole mail; lines end as sendmail wants them from programs, by a line feed. */
export function mailOf(address: string, notice: Notice): string {
  const body = Buffer.from(noticeText(notice)).toString("base64").match(BASE64_LINE) ?? [];
  return [
    `To: ${address}`,
    `Subject: ${encodedWords(noticeTitle(notice)).join("\n ")}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...body,
    "",
  ].join("\n");
}
