import { expect, test } from "vitest";
import { PosternError, PrivilegeError, ScopeError, SystemCallError } from "../model/errors.js";
import { describeFailure, RelayedError } from "./worker-protocol.js";

/** What is left of an error on the other side of a thread. */
function relayed(error: unknown): RelayedError {
  return new RelayedError(structuredClone(describeFailure(error)));
}

test.each([
  new ScopeError("refused to send to 192.0.2.1", { hint: "name it" }),
  new PrivilegeError("needs root"),
  new SystemCallError("socket(AF_PACKET)", 1, "EPERM, not permitted", { object: "eth0", hint: "run as root" }),
])("an error of ours keeps all that can be told of it: $name", (error) => {
  const other = relayed(error);
  expect(other).toBeInstanceOf(PosternError);
  const facts = ({ name, code, exitStatus, message, hint, stack }: PosternError): unknown[] => [
    name,
    code,
    exitStatus,
    message,
    hint,
    stack,
  ];
  expect(facts(other)).toEqual(facts(error));
});

test("any other error is our bug, with its message and stack", () => {
  const error = new TypeError("x is not a function");
  expect(relayed(error)).toMatchObject({
    name: "InternalError",
    code: "internal",
    exitStatus: 70,
    message: "x is not a function",
    stack: error.stack,
    hint: undefined,
  });
});

test("even what is no error at all gets through", () => {
  for (const [thrown, message] of [
    ["just text", "just text"],
    [undefined, "undefined"],
    [null, "null"],
    [42, "42"],
  ] as const) {
    expect(relayed(thrown)).toMatchObject({ code: "internal", message });
  }
});
