import { expect, test } from "vitest";
import { FindingBook } from "../finding-book.js";
import { UNSAID } from "../intentions.js";
import { findCouldNotLook } from "./could-not-look.js";

function found(...blindnesses: Parameters<typeof findCouldNotLook>[2]) {
  const book = new FindingBook("web1", UNSAID);
  findCouldNotLook(book, "web1", blindnesses);
  return book.findings();
}

test("nothing is missing where nothing is", () => {
  expect(found()).toEqual([]);
});

test("all that is missing is one finding of the host, each thing once", () => {
  const rules = { what: "the firewall's rules", why: "that needs root" };
  expect(found(rules, rules)[0]).toMatchObject({
    title: "something could not be looked at",
    evidence: ["the firewall's rules: that needs root"],
  });
  const [only, ...more] = found(rules, { what: "10.0.0.5", why: "office: \u001b[2J" });
  expect(more).toEqual([]);
  expect(only).toMatchObject({
    key: "could-not-look",
    place: "web1",
    severity: "low",
    title: "2 things could not be looked at",
    evidence: ["the firewall's rules: that needs root", "10.0.0.5: office: \u001b[2J"],
  });
});
