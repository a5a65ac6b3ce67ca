import { describe, expect, test } from "vitest";
import { InputError, UsageError } from "../../model/errors.js";
import { readWatchFile } from "./watch-file.js";
import { parseWatchArguments } from "./watch-options.js";
import { readWatchPlan } from "./watch-plan.js";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const COMMANDS = ["watch", "audit"];

function planOf(...words: readonly string[]) {
  return readWatchPlan(parseWatchArguments(words), { commands: COMMANDS, environment: {}, nowMs: NOW });
}

describe("what was typed", () => {
  test("is a plan", () => {
    const { settings, schedule } = planOf(
      "--schedule",
      "17 3 * * *",
      "--timezone",
      "UTC",
      "--notify",
      "mail:root",
      "--",
      "scan",
      "-n",
      "127.0.0.1",
    );
    expect(settings).toMatchObject({
      subject: "scan",
      words: ["-n", "127.0.0.1"],
      confirmAfterMs: 30_000,
      notify: [{ kind: "mail", address: "root" }],
    });
    expect(settings.name).toMatch(/^scan-[0-9a-f]{8}$/);
    expect(new Date(schedule.nextAfterMs(NOW)).toISOString()).toBe("2026-11-25T03:17:00.000Z");
  });

  test("has a name that is the same for the same words", () => {
    expect(planOf("--", "scan", "127.0.0.1").settings.name).toBe(
      planOf("--once", "--", "scan", "127.0.0.1").settings.name,
    );
    expect(planOf("--", "scan", "127.0.0.1").settings.name).not.toBe(planOf("--", "scan", "127.0.0.2").settings.name);
  });

  test("0 is no second look", () => {
    expect(planOf("--confirm-after", "0", "--", "audit").settings.confirmAfterMs).toBeUndefined();
  });

  test.each<[readonly string[], string]>([
    [[], "what shall be watched stands behind --"],
    [["scan", "127.0.0.1"], 'what is watched stands behind --, and "scan" does not'],
    [["--", "nmap", "127.0.0.1"], "behind -- stands scan or audit"],
    [["--file", "x.yaml", "--", "audit"], "one of both"],
    [["--", "scan"], "no target"],
    [["--", "scan", "-iL", "-"], "each run reads"],
    [["--", "scan", "--no-such-option", "127.0.0.1"], "--no-such-option"],
    [["--", "scan", "-oX", "-", "127.0.0.1"], "two reports cannot be written"],
    [["--", "scan", "--history", "127.0.0.1"], "--no-history"],
    [["--", "scan", "--version"], "this is none"],
    [["--schedule", "0 0 30 2 *", "--", "audit"], "never comes"],
    [["--timezone", "Mars/Olympus", "--", "audit"], "no time zone"],
    [["--notify", "http://example.org", "--", "audit"], "is none of command:/PATH"],
    [["--name", "../x", "--", "audit"], "--name needs a word"],
    [["--name", "\u001b[2J", "--", "audit"], "--name needs a word"],
  ])("%j is refused", (words, message) => {
    expect(() => planOf(...words)).toThrow(UsageError);
    expect(() => planOf(...words)).toThrow(message);
  });

  test("an audit needs a postern that has one", () => {
    const typed = parseWatchArguments(["--", "audit"]);
    expect(() => readWatchPlan(typed, { commands: ["watch"], environment: {}, nowMs: NOW })).toThrow(
      "no command audit",
    );
  });
});

const FILE = `scan: -n -p 1-1000 192.0.2.0/24
schedule: "17 3 * * *"
timezone: Europe/Berlin
confirm-after: 2m
look-limit: 6h
syslog: true
notify:
  - mail: root
  - command: [/usr/local/bin/tell, --loud]
  - webhook: https://hooks.example.org/x
    headers:
      Authorization: HOOK_TOKEN
  - ntfy: https://ntfy.sh/my-topic
`;

describe("a file", () => {
  test("says it all", () => {
    expect(readWatchFile(FILE, "/etc/postern/watch/nightly.yaml")).toEqual({
      name: "nightly",
      look: { subject: "scan", words: ["-n", "-p", "1-1000", "192.0.2.0/24"] },
      schedule: "17 3 * * *",
      timeZone: "Europe/Berlin",
      confirmAfterMs: 120_000,
      lookLimitMs: 6 * 3_600_000,
      log: { kind: "local", host: "/dev/log", port: 0 },
      notify: [
        { kind: "mail", address: "root" },
        { kind: "command", words: ["/usr/local/bin/tell", "--loud"] },
        {
          kind: "webhook",
          url: "https://hooks.example.org/x",
          headers: [{ name: "Authorization", variable: "HOOK_TOKEN" }],
        },
        { kind: "ntfy", url: "https://ntfy.sh/my-topic", headers: [] },
      ],
    });
  });

  test.each([
    ["", "w.yaml:1:1: either scan or audit says what is watched"],
    ["scan: x\naudit: y\n", "either scan or audit"],
    ["scan: x\nshedule: y\n", 'w.yaml:2:1: unknown key "shedule"; did you mean schedule?'],
    ["scan: x\nschedule: 5\n", "w.yaml:2:11: schedule needs a cron expression in quotes"],
    ["scan: x\nlook-limit: soon\n", "w.yaml:2:13: look-limit needs a time"],
    ["scan: x\nnotify: mail\n", "w.yaml:2:9: notify needs a list"],
    ["scan: x\nnotify:\n  - mial: root\n", 'w.yaml:3:5: unknown key "mial"; did you mean mail?'],
    ["scan: x\nnotify:\n  - mail: root\n    ntfy: https://ntfy.sh/x\n", "w.yaml:3:5: needs one of"],
    ["scan: x\nnotify:\n  - mail: -oQ/tmp\n", "w.yaml:3:11: "],
    ["scan: x\nnotify:\n  - webhook: http://example.org/\n", "private network"],
    ["- scan\n", "keys with values were expected"],
    ["scan: &a x\n", "anchors"],
  ])("%j is refused with its place", (text, message) => {
    expect(() => readWatchFile(text, "w.yaml")).toThrow(InputError);
    expect(() => readWatchFile(text, "w.yaml")).toThrow(message);
  });
});
