import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError, UsageError } from "../../model/errors.js";
import { HistoryFolder, keepScan, NOON_MS } from "../../store/history.test.data.js";
import type { HistoryDatabase } from "../../store/history-database.js";
import { momentOf, parseMoment, scanOfMoment } from "./moment.js";

const DAY_MS = 86_400_000;
const NOW_MS = NOON_MS + 10 * DAY_MS;

let folder: HistoryFolder;
let database: HistoryDatabase;
beforeAll(() => {
  folder = new HistoryFolder();
  database = folder.open();
  // The third is a report of an earlier day that was imported later.
  for (const day of [0, 2, -5]) keepScan(database, NOON_MS + day * DAY_MS, []);
});
afterAll(() => folder.remove());

const idOf = (text: string) => scanOfMoment(database, text, NOW_MS).id;

test.each([
  ["@latest", 2],
  ["@previous", 1],
  ["@latest~2", 3],
  ["@previous~1", 3],
  ["@3", 3],
  ["@2~1", 1],
  ["@2026-11-21", 1],
  ["@2026-11-22", 2],
  ["@2026-11-20T12:00:00Z", 1],
  ["@2026-11-22T12:00Z~1", 1],
])("%s", (text, id) => {
  expect(idOf(text)).toBe(id);
});

describe("what is not there", () => {
  test.each([
    ["@latest~3", "@latest~3 is not there: the history has fewer than 4 scans that have ended"],
    ["@99", "there is nothing of the number @99"],
    ["@1~5", "there is nothing so many scans before @1~5"],
    ["@2026-01-01", "there is no scan at or before 2026-01-01"],
  ])("%s", (text, message) => {
    expect(() => idOf(text)).toThrow(InputError);
    expect(() => idOf(text)).toThrow(`${database.path}: ${message}`);
  });

  test("in an empty history", () => {
    const empty = folder.open();
    const find = (text: string) => () => scanOfMoment(empty, text, NOW_MS);
    expect(find("@latest")).toThrow("@latest is not there: the history has no scan that has ended");
    expect(find("@previous")).toThrow(
      expect.objectContaining({ hint: "scan with --history again; postern history list shows what there is" }),
    );
  });
});

test.each(["@", "@last", "@latest~", "@latest~-1", "@1x", "@2026-02-30", "@~1", "latest", "@\u001b[2J"])(
  "%j is no moment",
  (text) => {
    expect(() => parseMoment(text)).toThrow(UsageError);
  },
);

test("where only a scan can be named, the sign may be left out", () => {
  expect([momentOf("12"), momentOf("@12"), momentOf("latest")]).toEqual(["@12", "@12", "@latest"]);
});
