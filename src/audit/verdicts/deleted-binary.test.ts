import { expect, test } from "vitest";
import { type CaseParts, caseOf, listener, severityBy } from "../port-case.test.data.js";
import { deletedBinary } from "./deleted-binary.js";

const GONE = listener("0.0.0.0:22", "sshd", { isDeleted: true });

test("holds where one program's file is gone, and names that program alone", () => {
  const judgement = deletedBinary.judge(caseOf({ waiting: [GONE, listener("192.0.2.10:22", "nginx")] }));
  expect(judgement).toMatchObject({ severity: "medium", evidence: ["sshd[812] (root) waits at 0.0.0.0:22"] });
});

test.each<[string, CaseParts]>([
  ["its file is there", {}],
  ["nothing waits", { waiting: [] }],
  ["the inside was not seen", { waiting: "unseen" }],
])("does not hold where %s", (_, parts) => {
  expect(severityBy(deletedBinary, parts)).toBeUndefined();
});
