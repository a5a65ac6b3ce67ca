import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PosternError } from "../../model/errors.js";
import { keepConsole } from "../command-console.test.data.js";
import { policyCommand } from "./policy-command.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-policy-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fileOf(text: string, mode = 0o644): string {
  const file = path.join(folder, "p.yaml");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function run(...words: readonly string[]): Promise<Run> {
  const { console, out, errors } = keepConsole();
  try {
    return { status: await policyCommand.run(words, console), out: out(), err: errors() };
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    return { status: error.exitStatus, out: out(), err: `${error.message}\n${error.hint ?? ""}` };
  }
}

test("a policy in order is told", async () => {
  const file = fileOf("timezone: UTC\nscope: 203.0.113.0/28\nexpect:\n  10.0.0.1: [tcp/22]\nhistory: true\n");
  expect(await run("check", file)).toEqual({
    status: 0,
    out: [
      `${file} is in order.`,
      "",
      "Scope       203.0.113.0/28",
      "Expected    10.0.0.1",
      "              tcp/22 from any",
      "Records     the history",
      "",
    ].join("\n"),
    err: "",
  });
  expect(await run("check", fileOf(""))).toMatchObject({ status: 0, out: `${file} says nothing.\n` });
});

test("warnings end with 1, and everything that is wrong with 2", async () => {
  const warned = fileOf("accepted: [{finding: x@10.0.0.1, reason: r, until: 2020-01-01}]");
  const ended = `Warning: ${warned}:1:12: what was accepted, x@10.0.0.1, ended with 2020-01-01\n`;
  expect(await run("check", warned)).toMatchObject({ status: 1, err: ended });
  const wrong = fileOf("zebra: 1\nlimits: { rate: -1 }\n");
  expect(await run("check", wrong)).toMatchObject({
    status: 2,
    out: "",
    err: expect.stringMatching(/:1:1: unknown key "zebra".*\n.*:2:17: limits\.rate needs a number/),
  });
  expect(await run("check", fileOf(`${"x: 1\n".repeat(20_000)}`))).toMatchObject({ status: 2 });
  const many = Array.from({ length: 150 }, (_, at) => `k${at}: 1\n`).join("");
  expect((await run("check", fileOf(many))).err).toContain("and 50 more faults");
});

test("words of others cannot steer the terminal", async () => {
  const evil = "\\e[2J\\u202e";
  const text = `expect: {10.0.0.1: [{ports: tcp/1, why: "${evil}", process: "${evil}"}]}\naccepted: [{finding: x@10.0.0.1, reason: "${evil}"}]\nconsent: [{hosts: 192.0.2.1, who: "${evil}", until: 2020-01-01}]\nnotify: [{command: [/x, "${evil}"]}]`;
  const { out, err } = await run("check", fileOf(text));
  expect(out).toContain("\\x1b[2J\\u202e");
  expect((out + err).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("URLs are told by their host: what stands behind it may be a secret", async () => {
  const { out } = await run("check", fileOf("notify: [{webhook: 'https://u:p@hooks.example/secret'}]"));
  expect(out).toContain("webhook at hooks.example");
  expect(out).not.toMatch(/secret|u:p/);
});

test("an exception is put in, and everything else stays: text, mode, link", async () => {
  const file = fileOf("history:   true   # odd\n", 0o640);
  const link = path.join(folder, "link.yaml");
  symlinkSync("p.yaml", link);
  const words = [
    "accept",
    "open@10.0.0.1/tcp/23",
    "--reason",
    "old: \u001b[2J",
    "--until",
    "2099-12-31",
    "--file",
    link,
  ];
  expect(await run(...words)).toMatchObject({ status: 0, out: `Accepted in ${link}: open@10.0.0.1/tcp/23\n` });
  const lines = ["history:   true   # odd", "", "accepted:", "  - finding: open@10.0.0.1/tcp/23"];
  expect(readFileSync(file, "utf8")).toBe(
    [...lines, '    reason: "old: \\u001b[2J"', "    until: 2099-12-31", ""].join("\n"),
  );
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(["link.yaml", "p.yaml"]);
  expect(await run(...words)).toMatchObject({ status: 2, err: expect.stringContaining("is accepted already") });
});

test.each([
  [["accept"], "takes one finding"],
  [["accept", "x@10.0.0.1"], "needs a --reason"],
  [["accept", "x", "--reason", "r"], "is no finding"],
  [["accept", "x@10.0.0.1", "--reason", " "], "accepted.reason needs a reason"],
  [["accept", "x@10.0.0.1", "--reason", "r".repeat(1001)], "at most 1000 characters"],
  [["accept", "x@10.0.0.1", "--reason", "r", "--until", "2020-01-01"], "2020-01-01 is over"],
  [["accept", "x@10.0.0.1", "--reason", "r", "--until", "2027-02-30"], "there is no 2027-02-30"],
  [["acept"], "did you mean accept?"],
  [[], "needs one of init, check, accept"],
])("%j is refused", async (words, message) => {
  const file = fileOf("history: true\n");
  const given = words[0] === "accept" ? [...words, "--file", file] : words;
  expect(await run(...given)).toMatchObject({ status: 2, err: expect.stringContaining(message) });
  expect(readFileSync(file, "utf8")).toBe("history: true\n");
});

test.runIf(process.getuid?.() === 0)("a file of somebody else is not changed, nor one that is wrong", async () => {
  const words = ["accept", "x@10.0.0.1", "--reason", "r", "--file"];
  const file = fileOf("history: true\n");
  chownSync(file, 1234, 1234);
  expect(await run(...words, file)).toMatchObject({
    status: 2,
    err: expect.stringContaining("belongs to another user (1234)"),
  });
  chownSync(file, 0, 0);
  writeFileSync(file, "zebra: 1\n");
  expect(await run(...words, file)).toMatchObject({ status: 2, err: expect.stringContaining("unknown key") });
  expect(readFileSync(file, "utf8")).toBe("zebra: 1\n");
  expect(await run(...words, path.join(folder, "none"))).toMatchObject({
    status: 2,
    err: expect.stringContaining("ENOENT"),
  });
});
