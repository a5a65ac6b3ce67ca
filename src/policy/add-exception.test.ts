import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addException, type ExceptionText } from "./add-exception.js";
import { readPolicy } from "./read-policy.js";

const NEW: ExceptionText = { finding: "open@10.0.0.1/tcp/23", reason: "old switch", until: "2027-06-30" };
const LINES = "- finding: open@10.0.0.1/tcp/23\n    reason: old switch\n    until: 2027-06-30\n";

describe("everything else stays as it is", () => {
  test.each([
    ["", `accepted:\n  ${LINES}`],
    ["# mine\n", `# mine\n\naccepted:\n  ${LINES}`],
    [
      "scope:   [10.0.0.0/8,  10.0.0.1]   # odd\n\n\n",
      `scope:   [10.0.0.0/8,  10.0.0.1]   # odd\n\naccepted:\n  ${LINES}`,
    ],
    ["history: true", `history: true\n\naccepted:\n  ${LINES}`],
    [
      "accepted:\n  - {finding: a@h, reason: x}   # why\n\n# behind\nhistory:   true\n",
      `accepted:\n  - {finding: a@h, reason: x}   # why\n  ${LINES}\n# behind\nhistory:   true\n`,
    ],
    [
      "accepted:\n- finding: a@h\n  reason: |\n    two\n    lines\nhistory: true\n",
      `accepted:\n- finding: a@h\n  reason: |\n    two\n    lines\n${LINES.replaceAll("\n    ", "\n  ")}history: true\n`,
    ],
    ["accepted:\n  - finding: a@h\n    reason: x", `accepted:\n  - finding: a@h\n    reason: x\n  ${LINES}`],
    ["history: true\r\n", `history: true\r\n\r\naccepted:\r\n  ${LINES.replaceAll("\n", "\r\n")}`],
    ["accepted: [] # none yet\nhistory: true\n", `accepted: # none yet\n  ${LINES}history: true\n`],
  ])("%j", (text, expected) => {
    expect(addException(text, NEW)).toBe(expected);
  });
});

test.each(["{history: true}", "accepted: [{finding: a@h, reason: x}]", "---\nhistory: true # here\n...\n"])(
  "%j is written anew, with its comments",
  (text) => {
    const changed = addException(text, NEW);
    expect(readPolicy(changed, "f", "UTC").accepted.at(-1)).toMatchObject({ reason: "old switch" });
    expect(changed.includes("# here")).toBe(text.includes("# here"));
  },
);

test("whatever is written is read back the same", () => {
  const text = "# head\nhistory: true\naccepted:\n  - finding: a@h # one\n    reason: 'x'\nsyslog: false # tail\n";
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 60 }), (reason) => {
      fc.pre(reason.trim() !== "");
      const changed = addException(text, { finding: "b@10.0.0.1", reason, until: undefined });
      expect(readPolicy(changed, "f", "UTC").accepted.map((one) => one.reason)).toEqual(["x", reason]);
      expect(changed.startsWith("# head\n") && changed.endsWith("syslog: false # tail\n")).toBe(true);
      expect(changed.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});
