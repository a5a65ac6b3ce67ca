import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { STYLE } from "../html-style.js";
import { auditHtml } from "./audit-html.js";
import { AUDIT_STYLE } from "./audit-html-style.js";
import { auditWith, GREEN_AUDIT, HOSTILE, RICH_AUDIT } from "./audit-report.test.data.js";

/** The page without the style, whose every change would change the golden. */
function unstyled(page: string): string {
  return page
    .replace(STYLE, "")
    .replace(AUDIT_STYLE, "")
    .replace(/sha256-[^&]+/, "sha256-…");
}

function textOf(markup: string): string {
  return markup.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
}

/** Names of tags and of their attributes, in their order. */
function shapeOf(page: string): string {
  return [...unstyled(page).matchAll(/<(\/?\w+)((?:\s+[\w-]+="[^"]*")*)/g)]
    .map(([, tag, attributes = ""]) => `${tag}${attributes.replaceAll(/"[^"]*"/g, "")}`)
    .join("\n");
}

describe("an audit as a page", () => {
  it("shows everything", async () => {
    await expect(unstyled(auditHtml(RICH_AUDIT))).toMatchFileSnapshot("audit-report.test.data/rich.html.txt");
  });

  it("leads with what needs action, and says so where nothing does", () => {
    const page = auditHtml(RICH_AUDIT);
    const order = ["verdict", "action", "unseen", "remarks", "accepted", "hosts", "words"];
    const places = order.map((id) => page.indexOf(`<section id="${id}"`));
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(places).not.toContain(-1);
    expect(textOf(page)).toContain("5 findings need action, on 1 of 3 hosts.");
    expect(textOf(auditHtml(GREEN_AUDIT))).toContain("All is as intended.");
    expect(textOf(auditHtml({ ...GREEN_AUDIT, policyFile: undefined }))).toContain("Nothing needs action.");
  });

  it("closes every element that it opens", () => {
    const open: string[] = [];
    for (const [, slash, name = "", end] of unstyled(auditHtml(RICH_AUDIT)).matchAll(/<(\/?)([a-z]\w*)[^>]*?(\/?)>/g)) {
      if (end === "/" || ["meta", "link", "br", "input"].includes(name)) continue;
      if (slash === "") open.push(name);
      else expect(name).toBe(open.pop());
    }
    expect(open).toEqual([]);
  });

  it("has each id once, and links to nothing but ids of its own", () => {
    const page = auditHtml(RICH_AUDIT);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/<a href="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !ids.includes(link.slice(1)))).toEqual([]);
  });

  it("neither runs nor loads anything, and names its style by its hash", () => {
    const page = auditHtml(RICH_AUDIT);
    const hash = createHash("sha256").update(`${STYLE}${AUDIT_STYLE}`).digest("base64");
    expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;`);
    expect(page).not.toMatch(/<(script|img|iframe|object|embed|form|base)\b|\s(on\w+|src|style)=/i);
    expect(page).not.toMatch(/url\(|@import/);
  });

  it("has one column group a vantage point, and as many cells in each row", () => {
    const [first = ""] = auditHtml(RICH_AUDIT).match(/<table class="audit">.*?<\/table>/s) ?? [];
    for (const [, row = ""] of first.matchAll(/<tr class="(?:act \w+|fine)">(.*?)<\/tr>/g))
      expect(row.match(/<t[hd]\b/g)).toHaveLength(2 + 2 * 3 + 1);
    expect(first.match(/colspan="3"/g)).toHaveLength(2);
  });

  it("keeps its elements whatever hosts say", () => {
    const plain = shapeOf(auditHtml(auditWith("a")));
    fc.assert(
      fc.property(fc.oneof(fc.constant(HOSTILE), fc.string({ unit: "binary", minLength: 1 })), (text) => {
        const page = auditHtml(auditWith(text));
        expect(shapeOf(page)).toBe(plain);
        expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
      { numRuns: 50 },
    );
  });
});
