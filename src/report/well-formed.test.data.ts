// Says whether a text is well-formed XML, as strictly as the reports need it. XML 1.0 (fifth edition) §2.1 to §2.8, §3.1.

/** §2.2 Char. */
const FOREIGN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
const NAME = "[A-Za-z_][\\w.-]*";
/** §3.1 AttValue, with double quotes only, which is what ncrack reads. */
const ATTRIBUTES = `(?:\\s+${NAME}="(?:[^<&"]|&(?:amp|lt|gt|quot|apos|#\\d+|#x[0-9a-f]+);)*")*\\s*`;
const TOKEN = new RegExp(
  [
    "(?<comment><!--(?:(?!--)[^])*-->)",
    `(?<instruction><\\?${NAME}(?:\\s(?:(?!\\?>)[^])*)?\\?>)`,
    "(?<doctype><!DOCTYPE \\w+>)",
    `</(?<end>${NAME})\\s*>`,
    `<(?<start>${NAME})${ATTRIBUTES}(?<empty>/?)>`,
    "(?<text>(?:[^<&]|&(?:amp|lt|gt|quot|apos|#\\d+|#x[0-9a-f]+);)+)",
  ].join("|"),
  "y",
);

/** What is wrong with the text; `undefined` for nothing. */
export function malformation(text: string): string | undefined {
  const foreign = FOREIGN.exec(text);
  if (foreign !== null) return `no character of XML at ${foreign.index}`;
  const open: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) return `no markup at ${at}: ${text.slice(at, at + 60)}`;
    if (groups.start !== undefined && groups.empty === "") open.push(groups.start);
    if (groups.end !== undefined && open.pop() !== groups.end) return `</${groups.end}> ends something else`;
    if (groups.text?.includes("]]>")) return `"]]>" in content at ${at}`;
  }
  return open.length === 0 ? undefined : `never ended: ${open.join(", ")}`;
}
