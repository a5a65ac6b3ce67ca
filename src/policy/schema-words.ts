// What the sections of the schema are made of: keys with values, lists, and texts that readers of our own understand. Messages
// are clauses that follow the key: "needs a list".
import * as z from "zod/mini";
import { type Fault, isFault } from "../target/fault.js";

/** A text that is for people has no more characters. */
const WORDS_CHARACTERS_MAX = 1000;

/** Keys with values, and no others. For an unknown key the message is the list of those that are known. */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  needs: string,
): z.ZodMiniObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? Object.keys(shape).join(", ") : needs),
  });
}

/** A text that one of our own readers understands. */
export function readBy<Value>(read: (text: string) => Value | Fault, needs: string): z.ZodMiniType<Value> {
  return z.pipe(
    z.string({ error: needs }),
    z.transform((text, context): Value => {
      const found = read(text);
      if (!isFault(found)) return found;
      context.issues.push({ code: "custom", message: found.fault, input: text });
      return z.NEVER;
    }),
  );
}

/** Words for people: some, and not a book. */
export function words(what: string): z.ZodMiniType<string> {
  const needs = `needs ${what}`;
  return readBy((text): string | Fault => {
    if (text.trim() === "") return { fault: needs };
    return text.length <= WORDS_CHARACTERS_MAX ? text : { fault: `needs at most ${WORDS_CHARACTERS_MAX} characters` };
  }, needs);
}

/** One, or a list of them, as a list. */
export function oneOrMore<Value>(one: z.ZodMiniType<Value>, needs: string): z.ZodMiniType<readonly Value[]> {
  const alone = z.pipe(
    one,
    z.transform((value: Value): readonly Value[] => [value]),
  );
  return z.union([alone, z.array(one, { error: needs })], { error: needs });
}
