import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_LOG_ADDRESS } from "../linux/log-address.js";
import { parse } from "./command-line.test.data.js";
import { findSettingsFile, whyNotOurs, withSettingsFile } from "./settings-file.js";

let root = "";
let files = 0;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "postern-settings-"));
});
afterAll(() => rmSync(root, { recursive: true }));

function fileOf(text: string | Uint8Array): string {
  files++;
  const file = path.join(root, `${files}.yaml`);
  writeFileSync(file, text, { mode: 0o644 });
  return file;
}

/** The settings with a file, and what was said on standard error. */
async function apply(line: string): Promise<{ log: unknown; said: string }> {
  let said = "";
  const writeError = (text: string): void => {
    said += text;
  };
  const { log } = await withSettingsFile(parse(line), { environment: {}, writeError });
  return { log, said };
}

test("the command line wins over the file", async () => {
  const file = fileOf("syslog: true\n");
  expect(await apply(`--scope ${file} 10.0.0.1`)).toEqual({ log: LOCAL_LOG_ADDRESS, said: "" });
  expect(await apply(`--scope ${file} --no-syslog 10.0.0.1`)).toEqual({ log: undefined, said: "" });
  expect((await apply(`--scope ${file} --syslog-to udp://h 10.0.0.1`)).log).toMatchObject({ kind: "udp" });
  expect((await apply(`--scope ${fileOf("syslog: false")} --syslog 10.0.0.1`)).log).toBe(LOCAL_LOG_ADDRESS);
  expect(await apply(`-v --scope ${file} 10.0.0.1`)).toMatchObject({ said: `Settings from ${file}\n` });
  expect(await apply("-v --scope /dev/null 10.0.0.1")).toEqual({ log: undefined, said: "" });
});

test("scans are put into the history if the file says so, and nmap's only if the command line does", async () => {
  const file = fileOf("history: true\n");
  const isRecorded = async (line: string, program: "postern" | "nmap" = "postern") => {
    const settings = parse(`--scope ${file} 10.0.0.1 ${line}`);
    return (await withSettingsFile(settings, { program, environment: {}, writeError: () => undefined })).isRecorded;
  };
  expect(await isRecorded("")).toBe(true);
  expect(await isRecorded("--no-history")).toBe(false);
  expect(await isRecorded("", "nmap")).toBe(false);
  expect(await isRecorded("--history", "nmap")).toBe(true);
});

test("the first file that there is, is found", () => {
  const work = path.join(root, "work");
  const config = path.join(root, "config");
  for (const folder of [work, path.join(config, "postern")]) mkdirSync(folder, { recursive: true });
  const places = { named: undefined, workingFolder: work, environment: { XDG_CONFIG_HOME: config } };
  const ofUser = path.join(config, "postern", "postern.yaml");
  writeFileSync(ofUser, "");
  expect(findSettingsFile(places)).toBe(ofUser);
  expect(findSettingsFile({ ...places, environment: { HOME: root } })).not.toBe(ofUser);
  expect(findSettingsFile({ ...places, environment: { XDG_CONFIG_HOME: "config" } })).not.toBe(ofUser);
  // One that leads nowhere is there all the same, and is an error later.
  symlinkSync("nowhere", path.join(work, "postern.yaml"));
  expect(findSettingsFile(places)).toBe(path.join(work, "postern.yaml"));
  expect(findSettingsFile({ ...places, workingFolder: undefined })).toBe(ofUser);
  expect(findSettingsFile({ ...places, named: "x" })).toBe("x");
  const underFile = { ...places, workingFolder: ofUser, environment: {} };
  expect(findSettingsFile(underFile)).not.toBe(path.join(ofUser, "postern.yaml"));
});

describe("whose it may be", () => {
  const ROOT = { uid: 0, gid: 0 };
  const ADA = { uid: 1000, gid: 1000 };
  test.each([
    [{ uid: 0, gid: 0, mode: 0o644 }, ROOT, undefined],
    [{ uid: 0, gid: 0, mode: 0o664 }, ROOT, undefined],
    [{ uid: 0, gid: 1000, mode: 0o664 }, ROOT, "a group (1000) may write it"],
    [{ uid: 0, gid: 0, mode: 0o646 }, ROOT, "everybody may write it"],
    [{ uid: 1000, gid: 1000, mode: 0o600 }, ROOT, "it belongs to another user (1000)"],
    [{ uid: 0, gid: 0, mode: 0o644 }, ADA, undefined],
    [{ uid: 1000, gid: 1000, mode: 0o664 }, ADA, undefined],
    [{ uid: 1000, gid: 100, mode: 0o664 }, ADA, "a group (100) may write it"],
    [{ uid: 1001, gid: 1001, mode: 0o644 }, ADA, "it belongs to another user (1001)"],
  ])("%j for %j", (status, own, why) => {
    expect(whyNotOurs(status, own)).toBe(why);
  });
});

test("what cannot be taken is an error that names the file", async () => {
  const complaint = (file: string): Promise<unknown> => apply(`--scope ${file} 10.0.0.1`).catch(String);
  expect(await complaint(path.join(root, "none"))).toContain("none: cannot be read: ENOENT");
  expect(await complaint(root)).toContain("no file that settings can be in");
  expect(await complaint(fileOf(Uint8Array.of(0xff, 0x20)))).toContain("no text in UTF-8");
  expect(await complaint(fileOf("#".repeat(128 * 1024 + 1)))).toContain("larger than 128 KiB");
  expect(await complaint(fileOf("sylog: 1"))).toMatch(/\.yaml:1:1: unknown key "sylog"/);
});
