import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isolated, joined, markup, preformatted } from "./html-markup.js";
import { printable } from "./printable.js";

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

describe("markup", () => {
  it("escapes what is no markup", () => {
    const name = `<b title="x">&'`;
    expect(markup`<i title="${name}">${name}</i>`.text).toBe(
      '<i title="&lt;b title=&quot;x&quot;&gt;&amp;&#39;">&lt;b title=&quot;x&quot;&gt;&amp;&#39;</i>',
    );
  });

  it("takes numbers, pieces and lists of pieces, and nothing for undefined", () => {
    const items = [markup`<li>${1}</li>`, markup`<li>${"<"}</li>`];
    expect(markup`<ul>${items}${undefined}</ul>`.text).toBe("<ul><li>1</li><li>&lt;</li></ul>");
    expect(joined([markup`a`, markup`b`, markup`c`], ", ").text).toBe("a, b, c");
  });

  it("makes visible what would steer, turn or hide text", () => {
    expect(markup`${"a\0\x1b[31m\u202eb\ud800\u2028"}`.text).toBe("a\\x00\\x1b[31m\\u202eb\\ud800\\u2028");
    expect(isolated("\u202e").text).toBe("<bdi>\\u202e</bdi>");
  });

  it("lets no text whatever leave its place, and loses none of it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff)), (codes) => {
        const text = String.fromCharCode(...codes);
        const written = markup`${text}`.text;
        expect(written).not.toMatch(/[<>"'\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(unescaped(written)).toBe(printable(text));
      }),
    );
  });

  it("keeps the lines and tabs of what stands in <pre>, and nothing else", () => {
    expect(preformatted("a\tb\r\nc\rd\n<\x1b").text).toBe("a\tb\nc\\x0dd\n&lt;\\x1b");
  });
});
