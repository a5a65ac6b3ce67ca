import { describe, expect, test } from "vitest";
import { UsageError } from "../../model/errors.js";
import { parseHostChoice, parsePortChoice } from "./history-choice.js";

const bytes = (...values: readonly number[]) => Uint8Array.of(...values);

describe("parseHostChoice", () => {
  test.each([
    ["10.0.0.7", bytes(10, 0, 0, 7), bytes(10, 0, 0, 7)],
    ["10.0.0.7/24", bytes(10, 0, 0, 0), bytes(10, 0, 0, 255)],
    ["10.0.0.7/30", bytes(10, 0, 0, 4), bytes(10, 0, 0, 7)],
    ["10.0.0.7/0", bytes(0, 0, 0, 0), bytes(255, 255, 255, 255)],
    ["::ffff:10.0.0.7", bytes(10, 0, 0, 7), bytes(10, 0, 0, 7)],
  ])("%s", (text, first, last) => {
    expect(parseHostChoice(text)).toEqual({ first, last });
  });

  test("IPv6", () => {
    expect(parseHostChoice("fd00::1/12")).toEqual({
      first: Uint8Array.from({ length: 16 }, (_, at) => [0xfd, 0x00][at] ?? 0),
      last: Uint8Array.from({ length: 16 }, (_, at) => [0xfd, 0x0f][at] ?? 0xff),
    });
  });

  test("names", () => {
    expect(parseHostChoice("web.example")).toEqual({ name: "web.example" });
  });

  test.each(["", "10.0.0.1/33", "web/24", "/8", "fe80::1/129"])("%j is an error", (text) => {
    expect(() => parseHostChoice(text)).toThrow(UsageError);
  });
});

describe("parsePortChoice", () => {
  test.each([
    ["22", undefined, [[22, 22]]],
    [
      "8000-8010,80",
      undefined,
      [
        [80, 80],
        [8000, 8010],
      ],
    ],
    ["53/UDP", "udp", [[53, 53]]],
    ["0-65535/tcp", "tcp", [[0, 65_535]]],
  ])("%s", (text, protocol, ranges) => {
    expect(parsePortChoice(text)).toEqual({ protocol, ranges });
  });

  test.each(["", "ssh", "65536", "9-1", "22/", "22/icmp", "22,", "-1", "1-2-3"])("%j is an error", (text) => {
    expect(() => parsePortChoice(text)).toThrow(UsageError);
  });
});
