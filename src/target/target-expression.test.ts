import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress } from "./address.js";
import { blockAt, blockCount, blockOf } from "./address-block.js";
import { isFault } from "./fault.js";
import { formatIpv4 } from "./ipv4.js";
import { formatIpv6 } from "./ipv6.js";
import { formatOctetForm } from "./octet-form.js";
import { parseTarget } from "./target-expression.js";

/** A target in one line, so that tables of cases stay readable. */
function shown(text: string): string {
  const target = parseTarget(text);
  if (isFault(target)) return `fault: ${target.fault}`;
  const ports = target.ports === undefined ? "" : ` ports ${target.ports}`;
  switch (target.kind) {
    case "ipv4":
      return `octets ${formatOctetForm(target.octets)}${ports}`;
    case "ipv4-block":
      return `${formatIpv4(target.base)}/${target.prefix}${ports}`;
    case "ipv6-block":
      return `${formatIpv6(target.bytes)}${target.zone === undefined ? "" : `%${target.zone}`}/${target.prefix}${ports}`;
    case "name":
      return `name ${target.name}${target.prefix === undefined ? "" : `/${target.prefix}`}${ports}`;
  }
}

test("targets as they are meant", () => {
  const cases: [text: string, meant: string][] = [
    ["10.0.0.1", "10.0.0.1/32"],
    ["10.1.2.3/24", "10.1.2.0/24"],
    ["255.255.255.255/0", "0.0.0.0/0"],
    ["10.12.104.*", "octets 10.12.104.0-255"],
    ["10.12.104.0-255", "octets 10.12.104.0-255"],
    ["10.12.104.10,33,200-222,250", "octets 10.12.104.10,33,200-222,250"],
    ["10.0-255.1,3-5.-", "octets 10.0-255.1,3-5.0-255"],
    ["10.-100.200-.5,5,6", "octets 10.0-100.200-255.5-6"],
    ["10.0-5.0.1/16", "octets 10.0-5.0-255.0-255"],
    ["10.0.1,9.1/22", "octets 10.0.0-3,8-11.0-255"],
    ["10.0.0.1:80", "10.0.0.1/32 ports 80"],
    ["10.0.0.1:22,80,8000-8010", "10.0.0.1/32 ports 22,80,8000-8010"],
    ["10.0.0.1,2:80,443", "octets 10.0.0.1-2 ports 80,443"],
    ["10.0.0.0/24:80", "10.0.0.0/24 ports 80"],
    ["10.0.0.1:T:80,U:53", "10.0.0.1/32 ports T:80,U:53"],
    ["[::1]:443", "::1/128 ports 443"],
    ["[::1]", "::1/128"],
    ["::1", "::1/128"],
    ["::", "::/128"],
    ["2001:db8::1:80", "2001:db8::1:80/128"],
    ["2001:db8::ff/120", "2001:db8::/120"],
    ["[2001:db8::ff/120]:22", "2001:db8::/120 ports 22"],
    ["[2001:db8::ff]/120:22", "2001:db8::/120 ports 22"],
    ["fe80::1%eth0", "fe80::1%eth0/128"],
    ["fe80::1%eth0/64", "fe80::%eth0/64"],
    ["[fe80::1%eth0]:22", "fe80::1%eth0/128 ports 22"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1/128"],
    ["example.com", "name example.com"],
    ["example.com.", "name example.com."],
    ["example.com/24", "name example.com/24"],
    ["example:https", "name example ports https"],
    ["abcd:80", "name abcd ports 80"],
    ["a_b.example", "name a_b.example"],
    ["1-2-3.example", "name 1-2-3.example"],
    ["3com.com", "name 3com.com"],
  ];
  for (const [text, meant] of cases) expect(shown(text), text).toBe(meant);
});

test("what is no target says why", () => {
  const cases: [text: string, fault: string][] = [
    ["", "empty"],
    ["10.0.0.300", "an octet is at most 255, not 300"],
    ["300.1.1.1/8", "at most 255"],
    ["10.0.0", "four octets, here are 3"],
    ["1.2.3.4.5", "four octets, here are 5"],
    ["10.0.0.1,10.0.0.2", "blanks between targets"],
    ["10", "four octets"],
    ["10.0.0.010", "octal"],
    ["10.0.0.5-1", "runs backwards"],
    ["10.0.0.1,", "no octet"],
    ["10..0.1", "no octet"],
    ["10.0.0.1/33", "0 to 32"],
    ["10.0.0.1/", "0 to 32"],
    ["10.0.0.1/8/8", "more than one /"],
    ["10.0.0.1:", "no port behind the colon"],
    [":80", "no host"],
    ["::1/129", "0 to 128"],
    ["2001:db8::*", "no patterns"],
    ["2001:db8::1-ff", "no patterns"],
    ["1:2:3:4:5:6:7:8:9", "not an IPv6 address"],
    ["fe80::1%", "name of an interface"],
    ["fe80::1%a%b", "name of an interface"],
    ["[::1", "no ]"],
    ["[::1]80", "/prefix or a :port"],
    ["[::1]:", "no port"],
    ["[10.0.0.1]:80", "not an IPv6 address"],
    ["host.10", "last part of a name is no number"],
    ["0x7f000001", "last part of a name is no number"],
    ["1O.0.0.1", "last part of a name is no number"],
    ["-host", "hyphen"],
    ["a..b", "expected"],
    ["a;reboot", "letters, digits"],
    [`${"a".repeat(64)}.example`, "63"],
    [`${"a.".repeat(130)}b`, "253"],
    ["http://example.com/", "is a URL"],
    ["two words", "blank"],
    ["bücher.example", "xn--"],
    ["host\u001b[31m", "\\u001b"],
    ["host\u202eexample", "\\u202e"],
  ];
  for (const [text] of cases) expect(shown(text), text).toMatch(/^fault: /);
  for (const [text, fault] of cases) expect(shown(text), text).toContain(fault);
});

test("no text makes it throw, and no fault carries a control", () => {
  const piece = fc.constantFrom("10", ".", ":", "/", "[", "]", "%", "*", ",", "-", "a", "::1", "255", "\u0007", "T:");
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const target = parseTarget(given);
      return !isFault(target) || !/\p{Cc}/u.test(target.fault);
    }),
    { numRuns: 2000 },
  );
});

test("addresses of a block are those that share its prefix", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }), (value, prefix) => {
      const target = parseTarget(`${formatIpv4(value)}/${prefix}`);
      if (isFault(target) || target.kind === "name") throw new Error("no block");
      const block = blockOf(target);
      expect(blockCount(block)).toBe(2 ** (32 - prefix));
      const first = blockAt(block, 0);
      expect(shown(`${formatAddress(first)}/${prefix}`)).toBe(shown(`${formatIpv4(value)}/${prefix}`));
    }),
  );
});
