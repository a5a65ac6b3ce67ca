// What ssh may be given as a host: nothing that is an option, or that means something to a shell or to ssh's own tokens.
import { expect, test } from "vitest";
import { formatSshHost, parseSshHost } from "./ssh-host.js";

test("hosts with users and ports", () => {
  const rows: readonly (readonly [text: string, host: string, user?: string | undefined, port?: number])[] = [
    ["jump", "jump"],
    ["anna@jump", "jump", "anna"],
    ["anna@example.org@jump", "jump", "anna@example.org"],
    ["//anna@jump:2222", "jump", "anna", 2222],
    ["192.0.2.1:22", "192.0.2.1", undefined, 22],
    ["2001:db8::1", "2001:db8::1"],
    ["root@[2001:db8::1]:2022", "2001:db8::1", "root", 2022],
    ["fe80::1%eth0", "fe80::1%eth0"],
  ];
  for (const [text, host, user, port] of rows) {
    const parsed = parseSshHost(text);
    expect(parsed).toEqual({ host, user, port });
    if (parsed !== undefined) expect(parseSshHost(formatSshHost(parsed))).toEqual(parsed);
  }
});

test("what is none", () => {
  const options = ["-oProxyCommand=x", "--", "anna@-oProxyCommand=x", "-l@jump", "", "@jump", "anna@"];
  const shell = ["a;b", "a b", "a$(b)", "a`b`", "a|b", "a\nb", "a'b@jump", "%h", "a%h@jump", "a/../b", "héllo", "a\0b"];
  const ports = ["jump:0", "jump:65536", "jump:", "jump:22x", "[::1]:99999", "[jump]:22", "[::1", "a".repeat(300)];
  for (const text of [...options, ...shell, ...ports]) expect([text, parseSshHost(text)]).toEqual([text, undefined]);
});
