import { expect, test } from "vitest";
import { nearest } from "./nearest.js";

test("finds what was meant, and nothing far away", () => {
  const words = ["http", "https", "ssh", "postgresql", "ms-wbt-server", "smtp"];
  const cases: [word: string, meant: string | undefined][] = [
    ["htpt", "http"],
    ["htps", "https"],
    ["shs", "ssh"],
    ["postgresl", "postgresql"],
    ["mswbtserver", "ms-wbt-server"],
    ["smtp", "smtp"],
    ["elephant", undefined],
    ["", undefined],
    ["x", undefined],
    ["a".repeat(10_000), undefined],
  ];
  for (const [word, meant] of cases) expect(nearest(word, words), word).toBe(meant);
});
