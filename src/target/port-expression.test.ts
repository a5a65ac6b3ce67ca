import fc from "fast-check";
import { expect, test } from "vitest";
import { isFault } from "./fault.js";
import { lettersOf, parsePorts } from "./port-expression.js";
import { formatRanges, type PortRange, PortSet } from "./port-set.js";
import { ServiceTable } from "./service-table.js";

const names = new ServiceTable(
  [
    "ssh\t22\ttcp",
    "domain\t53\ttcp",
    "domain\t53\tudp",
    "http\t80\ttcp",
    "https\t443\ttcp",
    "ntp\t123\tudp",
    "x11\t6000\ttcp",
    "",
  ].join("\n"),
);

/** Without IP protocols, which the cases about them show. */
function shown(text: string): string {
  const ports = parsePorts(text, names, ["tcp", "udp", "sctp"]);
  return isFault(ports) ? `fault: ${ports.fault}` : ports.key().replace(/;P:$/, "");
}

test("ports as they are meant", () => {
  const all = (ranges: string) => `T:${ranges};U:${ranges};S:${ranges}`;
  const cases: [text: string, meant: string][] = [
    ["22", all("22")],
    ["1-100", all("1-100")],
    ["-", all("1-65535")],
    ["-100", all("1-100")],
    ["60000-", all("60000-65535")],
    ["0-65535", all("0-65535")],
    ["0", all("0")],
    [" 22, 80,22 ,21-23", all("21-23,80")],
    ["ssh", "T:22;U:;S:"],
    ["SSH", "T:22;U:;S:"],
    ["domain", "T:53;U:53;S:"],
    ["http*", "T:80,443;U:;S:"],
    ["?t?", "T:;U:123;S:"],
    ["*", "T:22,53,80,443,6000;U:53,123;S:"],
    ["[-1024]", "T:22,53,80,443;U:53,123;S:"],
    ["[1-60,400-],5", "T:5,22,53,443,6000;U:5,53;S:5"],
    ["T:22,80,U:53,S:9", "T:22,80;U:53;S:9"],
    ["7,T:22", "T:7,22;U:7;S:7"],
    ["U:[1-1024]", "T:;U:53,123;S:"],
    ["t:22", "T:22;U:;S:"],
    [" T: 22 , U:[ 1-60 , 443 ]", "T:22;U:53;S:"],
  ];
  for (const [text, meant] of cases) expect(shown(text), text).toBe(meant);
});

test("IP protocols", () => {
  const protocols = new ServiceTable("icmp\t1\tip\ntcp\t6\tip\ngre\t47\tip\n");
  const cases: [text: string, ranges: string][] = [
    ["P:1", "1"],
    ["6,P:17", "6,17"],
    ["-", "0-255"],
    ["-5", "0-5"],
    ["250-", "250-255"],
    ["tcp,g*", "6,47"],
    ["[-20]", "1,6"],
  ];
  for (const [text, ranges] of cases) {
    const ports = parsePorts(text, protocols, ["ip"]);
    expect(isFault(ports) ? ports.fault : ports.key(), text).toBe(`T:;U:;S:;P:${ranges}`);
  }
  expect(parsePorts("gre", protocols, ["tcp"])).toEqual({
    fault: 'no tcp service is named "gre", only one of another protocol',
  });
});

test("letters", () => {
  expect([...lettersOf("22,T:80, u:53,[S:1")]).toEqual(["tcp", "udp"]);
  expect([...lettersOf("X:1,22")]).toEqual([]);
});

test("what is no port says why", () => {
  const cases: [text: string, fault: string][] = [
    ["", "no ports were named"],
    [" ", "no ports were named"],
    ["100-50", "100-50: the range runs backwards"],
    ["65536", "at most 65535"],
    ["1-65536", "at most 65535"],
    ["9".repeat(400), "at most 65535"],
    ["22,", "missing"],
    [",22", "missing"],
    ["T:", "missing"],
    ["htpt", "did you mean http?"],
    ["U:http", "only one of another protocol"],
    ["zz*", "has a name like"],
    ["P:256", "an IP protocol is at most 255"],
    ["P:200-256", "an IP protocol is at most 255"],
    ["X:1", "no protocol"],
    ["[1,T:1]", "before brackets"],
    ["[T:1]", "neither"],
    ["[1-5", "without its ]"],
    ["1-5]", "without its ["],
    ["[1,[2]]", "nest"],
    ["1-2-3", "no service is named"],
    ["22;80", "neither a port nor a service name"],
    ["\u001b[2J", "\\u001b"],
  ];
  for (const [text, fault] of cases) expect(shown(text), text).toContain(fault);
  for (const [text] of cases) expect(shown(text), text).toMatch(/^fault: /);
});

test("what is written reads back", () => {
  const range = fc
    .tuple(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 65535 }))
    .map(([one, other]): PortRange => [Math.min(one, other), Math.max(one, other)]);
  fc.assert(
    fc.property(fc.array(range, { minLength: 1 }), (ranges) => {
      const read = parsePorts(`U:${formatRanges(ranges)}`, names);
      expect(!isFault(read) && read.equals(PortSet.of({ udp: ranges }))).toBe(true);
    }),
  );
});

test("no text makes it throw, and no fault carries a control", () => {
  const piece = fc.constantFrom("1", "-", ",", "[", "]", "T:", "U:", "P:", "*", "?", "a", "\u0007", " ", "70000");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join("")),
      ),
      (text) => {
        const ports = parsePorts(text, names);
        return !isFault(ports) || !/\p{Cc}/u.test(ports.fault);
      },
    ),
  );
});
