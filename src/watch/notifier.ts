// What every way to tell somebody looks like.
import type { Notice } from "./notice.js";

/** One who is told, and the way there. */
export interface Notifier {
  /** As it is named in warnings; without anything secret: "mail to root". */
  readonly name: string;
  /** Tells it. Undefined when it was taken; otherwise why not, in words. Text from outside. */
  tell(notice: Notice): Promise<string | undefined>;
}

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;
