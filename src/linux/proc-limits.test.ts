import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { canUseRawSockets } from "./capabilities.js";
import { openFilesMax } from "./limits.js";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "postern-proc-"));
  mkdirSync(path.join(root, "self"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(path.join(root, "self", name), text);
}

describe("raw sockets", () => {
  /** As a kernel of 6.1 writes it, shortened. */
  function status(effective: string): string {
    return `Name:\tnode\nUmask:\t0022\nCapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\nCapEff:\t${effective}\nCapBnd:\t000001ffffffffff\n`;
  }

  test.each([
    ["root's", "000001ffffffffff", true],
    ["CAP_NET_RAW alone", "0000000000002000", true],
    ["none", "0000000000000000", false],
    ["all but CAP_NET_RAW", "000001ffffffdfff", false],
    ["a container's without it", "00000000a80405fb", false],
    ["a container's with it", "00000000a80425fb", true],
  ])("with the capabilities %s: %s is %s", (_name, effective, expected) => {
    write("status", status(effective));
    expect(canUseRawSockets(root)).toBe(expected);
  });

  test("the effective set counts, not what is permitted", () => {
    write("status", status("0000000000000000"));
    expect(canUseRawSockets(root)).toBe(false);
  });

  test("without a /proc, or with one that says nothing, they cannot be used", () => {
    expect(canUseRawSockets(path.join(root, "nowhere"))).toBe(false);
    write("status", "Name:\tnode\n");
    expect(canUseRawSockets(root)).toBe(false);
  });
});

describe("open files", () => {
  function limits(soft: string, hard: string): string {
    return `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             7892                 7892                 processes \nMax open files            ${soft.padEnd(20)} ${hard.padEnd(20)} files     \n`;
  }

  test("the soft limit is what counts", () => {
    write("limits", limits("20000", "1048576"));
    expect(openFilesMax(root)).toBe(20_000);
  });

  test("without a limit, or without a /proc, there is a cautious number", () => {
    expect(openFilesMax(path.join(root, "nowhere"))).toBe(1024);
    write("limits", limits("unlimited", "unlimited"));
    expect(openFilesMax(root)).toBe(1024);
    write("limits", "");
    expect(openFilesMax(root)).toBe(1024);
  });
});
