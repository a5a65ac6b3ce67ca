import { describe, expect, test } from "vitest";
import type { Finding } from "../model/audit-report.js";
import { formatAddress } from "../target/address.js";
import { FindingBook } from "./finding-book.js";
import { type AcceptedPlace, type Intentions, UNSAID } from "./intentions.js";
import type { Judgement } from "./port-case.js";
import { addressOf, portOf } from "./port-case.test.data.js";

const [IPV4, IPV6] = ["192.0.2.10/tcp/22", "2001:db8::10/tcp/22"].map(portOf);
const ACCEPTED = { line: 7, reason: "known", until: undefined };

function judgement(parts: Partial<Judgement> = {}): Judgement {
  return {
    severity: "low",
    confidence: "likely",
    title: "so it is",
    evidence: ["seen"],
    nextStep: "mend it",
    ...parts,
  };
}

/** Accepts a finding at those places, as texts. */
function accepting(...places: readonly string[]): Intentions {
  const textOf = (place: AcceptedPlace): string => {
    if (typeof place === "string") return place;
    if ("family" in place) return formatAddress(place);
    const host = "host" in place ? place.host : formatAddress(place.address);
    return `${host}/${place.protocol}/${place.port}`;
  };
  return { ...UNSAID, acceptance: (_, place) => (places.includes(textOf(place)) ? ACCEPTED : undefined) };
}

function bookOf(intentions: Intentions, ...adding: readonly Parameters<FindingBook["add"]>[]): readonly Finding[] {
  const book = new FindingBook("web1", intentions);
  for (const one of adding) book.add(...one);
  return book.findings();
}

if (IPV4 === undefined || IPV6 === undefined) throw new Error("two ports");

describe("one finding", () => {
  test("of one port stands at its address", () => {
    const [only, ...more] = bookOf(UNSAID, ["some-key", IPV4, judgement(), "self"]);
    expect(more).toEqual([]);
    expect(only).toEqual({
      key: "some-key",
      place: "192.0.2.10/tcp/22",
      severity: "low",
      confidence: "likely",
      vantages: ["self"],
      title: "so it is",
      evidence: ["seen"],
      nextStep: "mend it",
      accepted: undefined,
    });
  });

  test("of several addresses stands at the host, and says which they are", () => {
    const [only, ...more] = bookOf(
      UNSAID,
      ["k", IPV4, judgement(), "self"],
      ["k", IPV6, judgement({ evidence: ["more"] }), "office"],
    );
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      place: "web1/tcp/22",
      vantages: ["self", "office"],
      evidence: ["at 192.0.2.10, 2001:db8::10", "seen", "more"],
    });
  });

  test("from several vantage points is one, and says the same thing once", () => {
    const found = bookOf(
      UNSAID,
      ["k", IPV4, judgement(), "self"],
      ["k", IPV4, judgement(), "office"],
      ["k", IPV4, judgement(), "self"],
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ place: "192.0.2.10/tcp/22", vantages: ["self", "office"], evidence: ["seen"] });
  });

  test("has the words and the confidence of its gravest view", () => {
    const grave = judgement({ severity: "high", confidence: "possible", title: "worse", nextStep: "now" });
    for (const views of [
      [judgement({ confidence: "certain" }), grave],
      [grave, judgement({ confidence: "certain" })],
    ]) {
      const [only] = bookOf(
        UNSAID,
        ...views.map((one) => ["k", IPV4, one, "self"] as const).map((one): Parameters<FindingBook["add"]> => [...one]),
      );
      expect(only).toMatchObject({ severity: "high", confidence: "possible", title: "worse", nextStep: "now" });
    }
  });

  test("has the surest of confidences that are as grave", () => {
    const [only] = bookOf(
      UNSAID,
      ["k", IPV4, judgement(), "a"],
      ["k", IPV4, judgement({ confidence: "certain", title: "other" }), "b"],
    );
    expect(only).toMatchObject({ confidence: "certain", title: "so it is" });
  });
});

test("other keys, ports and protocols are other findings; the gravest come first, then in the order of adding", () => {
  const found = bookOf(
    UNSAID,
    ["a", IPV4, judgement(), "self"],
    ["b", IPV4, judgement({ severity: "high" }), "self"],
    ["a", portOf("192.0.2.10/udp/22"), judgement(), "self"],
    ["a", portOf("192.0.2.10/tcp/23"), judgement({ severity: "info" }), "self"],
  );
  expect(found.map(({ key, place }) => `${key}@${place}`)).toEqual([
    "b@192.0.2.10/tcp/22",
    "a@192.0.2.10/tcp/22",
    "a@192.0.2.10/udp/22",
    "a@192.0.2.10/tcp/23",
  ]);
});

test("an address and a host are places of their own, without vantage points", () => {
  const found = bookOf(
    UNSAID,
    ["a", addressOf("192.0.2.10"), judgement(), "self"],
    ["a", "web1", judgement(), undefined],
  );
  expect(found.map(({ place, vantages }) => [place, vantages])).toEqual([
    ["192.0.2.10", ["self"]],
    ["web1", []],
  ]);
});

describe("a finding is accepted", () => {
  const both: readonly Parameters<FindingBook["add"]>[] = [
    ["k", IPV4, judgement(), "self"],
    ["k", IPV6, judgement(), "self"],
  ];

  test("at its place", () => {
    expect(bookOf(accepting("192.0.2.10/tcp/22"), ["k", IPV4, judgement(), "self"])[0]?.accepted).toEqual(ACCEPTED);
    expect(bookOf(accepting("192.0.2.10"), ["k", addressOf("192.0.2.10"), judgement(), "self"])[0]?.accepted).toEqual(
      ACCEPTED,
    );
    expect(bookOf(accepting("web1"), ["k", "web1", judgement(), undefined])[0]?.accepted).toEqual(ACCEPTED);
  });

  test("at several addresses where it is at each, or at the host by its name", () => {
    expect(bookOf(accepting("192.0.2.10/tcp/22", "2001:db8::10/tcp/22"), ...both)[0]?.accepted).toEqual(ACCEPTED);
    expect(bookOf(accepting("web1/tcp/22"), ...both)[0]?.accepted).toEqual(ACCEPTED);
  });

  test("not where it is at some of them only", () => {
    expect(bookOf(accepting("192.0.2.10/tcp/22"), ...both)[0]?.accepted).toBeUndefined();
    expect(bookOf(accepting("192.0.2.10/tcp/23"), ...both)[0]?.accepted).toBeUndefined();
  });
});
