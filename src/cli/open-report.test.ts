// Any report is opened, recognised and read.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReportReader } from "../report/report-reader.js";
import { openReport } from "./open-report.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "open-report-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string | Uint8Array): string {
  const file = path.join(folder, "report");
  writeFileSync(file, text);
  return file;
}

/** Tells every chunk as a notice. */
function reader(name: string, begin: string): ReportReader {
  return {
    name,
    summary: `${name}'s form`,
    sources: [],
    recognises: (head) => head.startsWith(begin),
    async *read(chunks) {
      for await (const text of chunks) yield { type: "notice", level: "info", code: "test", text };
    },
  };
}

const READERS = [reader("one", "1"), reader("two", "2")];

async function textOf(file: string): Promise<string> {
  const { events } = await openReport(file, READERS);
  let text = "";
  for await (const event of events) text += event.type === "notice" ? event.text : "";
  return text;
}

describe("openReport", () => {
  test("recognises a form, and gives its reader all text", async () => {
    const text = `2${"ä€😀".repeat(100_000)}`;
    const file = fileWith(text);
    expect((await openReport(file, READERS)).reader.name).toBe("two");
    expect(await textOf(file)).toBe(text);
  });

  test("passes over a byte order mark", async () => {
    expect(await textOf(fileWith("\ufeff1x"))).toBe("1x");
  });

  test.each([
    ["no report", "3", "is no report of a form that can be read"],
    ["an empty file", "", "is empty"],
  ])("%s", async (_name, text, message) => {
    const file = fileWith(text);
    await expect(openReport(file, READERS)).rejects.toMatchObject({ code: "input", message: `${file}: ${message}` });
  });

  test("a file that is not there, and a directory", async () => {
    const file = path.join(folder, "missing");
    await expect(openReport(file, READERS)).rejects.toMatchObject({
      code: "input",
      message: `${file}: there is no such file`,
    });
    await expect(openReport(folder, READERS)).rejects.toMatchObject({
      code: "input",
      message: `${folder}: this is a directory, not a file`,
    });
  });
});
