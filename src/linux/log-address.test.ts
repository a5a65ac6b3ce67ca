import { describe, expect, test } from "vitest";
import { parseLogAddress } from "./log-address.js";

describe("an address", () => {
  test.each([
    ["udp://loghost", { kind: "udp", host: "loghost", port: 514 }],
    ["tcp://10.0.0.1:1514", { kind: "tcp", host: "10.0.0.1", port: 1514 }],
    ["tls://[fd00::1]/", { kind: "tls", host: "fd00::1", port: 6514 }],
  ])("%s is read", (text, expected) => {
    expect(parseLogAddress("--syslog-to", text)).toEqual(expected);
  });

  test.each(["", "loghost", "http://loghost", "udp://", "udp://a:0", "udp://a:65536", "udp://a/b", "tls://fd00::1"])(
    "%j is none",
    (text) => {
      expect(() => parseLogAddress("--syslog-to", text)).toThrow(/--syslog-to needs udp:/);
    },
  );
});
