import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checked, libc } from "./libc.js";
import { findServiceManager } from "./service-manager.js";
import { AF_UNIX, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_DGRAM } from "./socket-constants.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-notify-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A manager's socket: what it has heard. */
function listenAt(name: string): { heard(): string[]; close(): void } {
  const fd = checked("socket", libc().socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bytes = Buffer.from(`\0\0${name.replace(/^@/, "\0")}${name.startsWith("@") ? "" : "\0"}`);
  bytes.writeUInt16LE(AF_UNIX);
  checked("bind", libc().bind(fd, bytes, bytes.length));
  return {
    heard() {
      const texts: string[] = [];
      const buffer = new Uint8Array(4096);
      for (;;) {
        const count = Number(libc().recv(fd, buffer, buffer.length, MSG_DONTWAIT));
        if (count < 0) return texts;
        texts.push(Buffer.from(buffer.subarray(0, count)).toString());
      }
    },
    close: () => void libc().close(fd),
  };
}

describe.runIf(process.platform === "linux")("a service manager", () => {
  test.each(["a path", "an abstract name"])("hears all, at %s", (what) => {
    const name = what === "a path" ? path.join(folder, "notify") : `@postern-test-${process.pid}`;
    const socket = listenAt(name);
    const manager = findServiceManager({ NOTIFY_SOCKET: name }, process.pid);
    manager.ready();
    manager.status("runs\nREADY=0");
    manager.alive();
    manager.reloading();
    manager.stopping();
    const [ready, status, alive, reloading, stopping] = socket.heard();
    socket.close();
    expect([ready, status, alive, stopping]).toEqual(["READY=1", "STATUS=runs READY=0", "WATCHDOG=1", "STOPPING=1"]);
    expect(reloading).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
  });

  test("that is not there, or has a name that cannot be, is no trouble", () => {
    for (const name of ["/nowhere/at/all", "relative", "@", "", `/${"x".repeat(300)}`]) {
      findServiceManager({ NOTIFY_SOCKET: name }, process.pid).ready();
    }
    findServiceManager({}, process.pid).ready();
  });
});

describe("signs of life", () => {
  const every = (environment: Record<string, string>) => findServiceManager(environment, 7).signEveryMs;

  test("come twice in the time after which we are taken for dead", () => {
    expect(every({ WATCHDOG_USEC: "120000000" })).toBe(60_000);
    expect(every({ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "7" })).toBe(60_000);
  });

  test("are not asked of another process, nor by nonsense", () => {
    expect(every({ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "8" })).toBeUndefined();
    for (const text of ["", "0", "-1", "1e9", "soon"]) expect(every({ WATCHDOG_USEC: text })).toBeUndefined();
  });
});
