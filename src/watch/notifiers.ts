// All ways to tell somebody. A new one is a file of its own and a line here.
import type { Environment, Notifier } from "./notifier.js";
import { commandNotifier } from "./notify-command.js";
import { mailNotifier } from "./notify-mail.js";
import { ntfyNotifier } from "./notify-ntfy.js";
import type { NotifyTarget } from "./notify-target.js";
import { webhookNotifier } from "./notify-webhook.js";

/** The way to a target. */
export function notifierOf(target: NotifyTarget, environment: Environment): Notifier {
  switch (target.kind) {
    case "command":
      return commandNotifier(target.words, environment);
    case "webhook":
      return webhookNotifier(target.url, target.headers ?? [], environment);
    case "mail":
      return mailNotifier(target.address, environment);
    case "ntfy":
      return ntfyNotifier(target.url, target.headers ?? [], environment);
    default:
      return target satisfies never;
  }
}
