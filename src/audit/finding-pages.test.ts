// Every finding has its page, and every page its finding.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { COULD_NOT_LOOK } from "./host-findings/could-not-look.js";
import { OLD_SESSION_KEPT } from "./host-findings/old-sessions.js";
import { RULES_IN_OTHER_BACK_END } from "./host-findings/other-back-end.js";
import { PROGRAM_VERDICTS, REACH_VERDICTS } from "./verdicts.js";

const FOLDER = fileURLToPath(new URL("../../docs/findings/", import.meta.url));
/** How rows are that are as they should be: told together on the first page. */
const STATES = ["could-not-ask", "open-intended", "open-unsaid", "shut"];
const FINDINGS = [
  ...[...REACH_VERDICTS, ...PROGRAM_VERDICTS].map(({ key }) => key).filter((key) => !STATES.includes(key)),
  COULD_NOT_LOOK,
  OLD_SESSION_KEPT,
  RULES_IN_OTHER_BACK_END,
].sort();
const SECTIONS = ["How it comes about", "How postern knows", "Check by hand", "Mend", "Accept"];

function read(name: string): string {
  return readFileSync(`${FOLDER}${name}.md`, "utf8");
}

/** The words in backquotes that begin the rows of tables below a heading, a link around them or not. */
function firstCells(heading: string): readonly string[] {
  const parts = read("README").split("\n## ");
  const text = heading === "" ? parts[0] : parts.find((part) => part.startsWith(`${heading}\n`));
  return [...(text ?? "").matchAll(/^\| \[?`([a-z0-9-]+)`/gm)].flatMap(([, key]) => key ?? []);
}

test("each has a page, and no page is without", () => {
  const pages = readdirSync(FOLDER).map((name) => name.replace(/\.md$/, ""));
  expect(pages.filter((name) => name !== "README").sort()).toEqual(FINDINGS);
});

test("the first page lists them all, and the states of rows that are none", () => {
  expect([...firstCells("")].sort()).toEqual(FINDINGS);
  expect([...firstCells("States of rows that are no findings")].sort()).toEqual(STATES);
});

describe.each(FINDINGS)("the page of %s", (key) => {
  test("is about it, and says what every page says, in the same order", () => {
    const page = read(key);
    expect(page.startsWith(`# ${key}\n`)).toBe(true);
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual(SECTIONS);
    expect(page).toMatch(/^Sources: /m);
  });

  test("shows how to accept it, with a reason and a day", () => {
    const command = new RegExp(
      `^ {4}postern policy accept ${key}@\\S+ --reason ".+" --until \\d{4}-\\d\\d-\\d\\d$`,
      "m",
    );
    expect(read(key)).toMatch(command);
  });
});
