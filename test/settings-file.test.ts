// postern.yaml as the built program finds it: a collector hears of scans, and nobody else's file steers root.
import { execFile } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { POSTERN } from "./postern.js";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let folder = "";
let collector: Socket;
let heard = "";
let log = "";

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-settings-"));
  collector = createSocket("udp4");
  collector.on("message", (bytes) => {
    heard += `${bytes.toString()}\n`;
  });
  collector.bind(0, "127.0.0.1");
  await once(collector, "listening");
  log = `udp://127.0.0.1:${collector.address().port}`;
});
afterAll(() => {
  collector.close();
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly status: number;
  readonly stderr: string;
}

/** A scan of one port, with a home of its own. */
function scan(cwd: string, words: readonly string[] = [], home = folder): Promise<Run> {
  const env = { PATH: process.env.PATH, HOME: home };
  return new Promise((resolve) => {
    execFile(POSTERN, [...words, "-n", "-sT", "-p1", "127.0.0.1"], { cwd, env }, (error, _, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, stderr });
    });
  });
}

/** A new folder with a settings file that puts scans on record. */
function withFile(below = ""): string {
  const made = mkdtempSync(path.join(folder, "d-"));
  mkdirSync(path.join(made, below), { recursive: true });
  writeFileSync(path.join(made, below, "postern.yaml"), `syslog: ${log}\n`, { mode: 0o644 });
  return made;
}

test("found where we are, in our own settings, or by name; the command line wins", async () => {
  const here = withFile();
  const home = withFile(".config/postern");
  const quiet = { status: 0, stderr: "" };
  expect(await scan(here)).toEqual(quiet);
  expect(await scan(folder, [], home)).toEqual(quiet);
  expect(await scan(folder, ["--scope", path.join(here, "postern.yaml")])).toEqual(quiet);
  await expect.poll(() => heard.match(/scan-end status=done/g)).toHaveLength(3);
  expect(await scan(here, ["-v"])).toEqual({
    status: 0,
    stderr: expect.stringContaining("Settings from postern.yaml\n"),
  });
  await expect.poll(() => heard.match(/scan-end status=done/g)).toHaveLength(4);
  expect(await scan(here, ["--no-syslog"])).toEqual(quiet);
  expect(await scan(here, ["--scope", "/dev/null"])).toEqual(quiet);
  expect(heard.match(/scan-start user=/g)).toHaveLength(4);
});

test("in nmap's name the folder that it is started in has no say", async () => {
  heard = "";
  const here = withFile();
  writeFileSync(path.join(here, "postern.yaml"), "this: is wrong\n");
  expect(await scan(here, ["--as", "nmap"])).toEqual({ status: 0, stderr: "" });
  expect(await scan(here, ["--as", "nmap", "-v"], withFile(".config/postern"))).toEqual({ status: 0, stderr: "" });
  await expect.poll(() => heard.match(/scan-end status=done/g)).toHaveLength(1);
});

test.runIf(isRoot)("root is not steered by a file of somebody else's, or one that others may write", async () => {
  heard = "";
  const refused = (why: string): Run => ({
    status: 1,
    stderr:
      `postern: postern.yaml: these settings are not taken: ${why}\n` +
      "  if it is right, name it (--scope FILE) or make it yours; --scope /dev/null does without\n",
  });
  const foreign = withFile();
  const file = path.join(foreign, "postern.yaml");
  chownSync(file, NOBODY, NOBODY);
  expect(await scan(foreign)).toEqual(refused(`it belongs to another user (${NOBODY})`));
  chownSync(file, 0, NOBODY);
  chmodSync(file, 0o664);
  expect(await scan(foreign)).toEqual(refused(`a group (${NOBODY}) may write it`));
  chmodSync(file, 0o646);
  expect(await scan(foreign)).toEqual(refused("everybody may write it"));
  expect(await scan(foreign, ["--scope", "postern.yaml"])).toMatchObject({ status: 1 });
  // A link of somebody else's to a file of our own.
  const linked = mkdtempSync(path.join(folder, "l-"));
  symlinkSync(path.join(withFile(), "postern.yaml"), path.join(linked, "postern.yaml"));
  expect((await scan(linked)).status).toBe(0);
  await expect.poll(() => heard.match(/scan-start user=/g)).toHaveLength(1);
});
