// Elements, attributes and processing instructions of XML as text that no value can break out of.
// XML 1.0 (fifth edition) §2.2 Characters, §2.5 Comments, §2.6 Processing Instructions, §3.3.3 Attribute-Value Normalization.
import { printable } from "./printable.js";

/** What an element's attributes are, in their order; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** §2.2 excludes these two beside what {@link printable} makes visible. */
const NO_CHARACTER = /[\ufffe\uffff]/g;
const MARKUP = /[&<>"']/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
/** Nothing to do for most values: names of services, addresses, numbers. */
const PLAIN = /^[\w .,:;/()=|*+@-]*$/;

/** The text as the value of an attribute or the content of an element: on one line, with what is invisible made visible. */
export function xmlText(text: string): string {
  if (PLAIN.test(text)) return text;
  const visible = printable(text).replace(NO_CHARACTER, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
  return visible.replace(MARKUP, (character) => ENTITIES[character] ?? "");
}

/** The same for text that has lines: they end in references to the line feed, which readers give back (§3.3.3). */
export function xmlLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(xmlText).join("&#x9;"))
    .join("&#xa;");
}

/** Text that may stand in a comment, too, where two hyphens may not (§2.5). Command lines are full of them. */
export function commentText(text: string): string {
  return xmlText(text).replaceAll("--", "-&#45;");
}

/** `<name a="1"/>`, or with content `<name a="1">…</name>`. The content is markup already. */
export function element(name: string, attributes: Attributes, content?: string): string {
  const start = `<${name}${attributesText(attributes)}`;
  return content === undefined ? `${start}/>` : `${start}>${content}</${name}>`;
}

/** `<name a="1">` alone. */
export function startTag(name: string, attributes: Attributes): string {
  return `<${name}${attributesText(attributes)}>`;
}

/** `<?name a="1"?>`: what readers that do not know it pass over, wherever it stands. */
export function instruction(name: string, attributes: Attributes): string {
  return `<?${name}${attributesText(attributes)}?>`;
}

function attributesText(attributes: Attributes): string {
  let text = "";
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) text += ` ${name}="${typeof value === "number" ? value : xmlText(value)}"`;
  }
  return text;
}
