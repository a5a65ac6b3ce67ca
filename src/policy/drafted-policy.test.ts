import { expect, test } from "vitest";
import { draftedPolicy } from "./drafted-policy.js";
import { readPolicy } from "./read-policy.js";

test("is read again as what it says, whatever programs are called", () => {
  const name = "a\u{e0041}\u001b[31m: [x, 'y'] # \"z\"\u202e";
  const text = draftedPolicy(
    [
      {
        name: "web1",
        addresses: ["192.0.2.1", "2001:db8::1"],
        open: [
          { ports: ["tcp/22"], from: ["192.0.2.0/24"], processes: ["sshd"], remark: `unit ${name}\nopen: all` },
          { ports: ["tcp/80", "udp/443"], from: undefined, processes: [name.slice(0, 12), "true"], remark: undefined },
        ],
      },
    ],
    [`made of ${name}`],
  );
  expect(text).not.toMatch(/\p{Cf}/u);
  expect(text).not.toContain("\u001b");
  const [group] = readPolicy(text, "postern.yaml", "UTC").expect;
  expect(group?.name).toBe("web1");
  expect(group?.open.map(({ processes }) => processes)).toContainEqual([name.slice(0, 12), "true"]);
  expect(group?.open.some(({ ports, from }) => ports.has("tcp", 22) && !from.isAny)).toBe(true);
});
