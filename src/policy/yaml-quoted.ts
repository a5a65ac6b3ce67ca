// Texts as YAML writes them, in a file that is also read by cat(1): what moves a cursor, hides or turns text never stands there.

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** In double quotes: JSON's strings are YAML's (YAML 1.2.2 §1.3), and YAML's escapes reach beyond 16 bits (§5.7). */
export function yamlQuoted(text: string): string {
  return JSON.stringify(text).replace(UNSAFE, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
}

/** A comment, which has no escapes: what is unsafe becomes "?". */
export function yamlComment(text: string): string {
  return `# ${text.replace(UNSAFE, "?")}`;
}
