// A watch as the built program makes it: runs over this machine, changes told to a command and a webhook here, signals.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POSTERN } from "./postern.js";

let folder = "";
let hook: HttpServer;
const heard: string[] = [];
const at = (name: string) => path.join(folder, name);
const environment = () => ({ PATH: process.env.PATH, HOME: folder });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-watch-"));
  hook = createHttpServer((request, response) => {
    request.setEncoding("utf8").on("data", (text: string) => heard.push(text));
    request.on("end", () => response.writeHead(204).end());
  }).listen(0, "127.0.0.1");
  await once(hook, "listening");
});
afterAll(() => {
  hook.close();
  rmSync(folder, { recursive: true });
});

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function runOnce(words: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: environment(), timeout: 30_000 };
    execFile(POSTERN, ["watch", "--once", ...words], options, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

describe("with --once", () => {
  test("a port that opens is told, and a second time it is not", async () => {
    const server = await listen(0);
    const { port } = server.address() as AddressInfo;
    server.close();
    writeFileSync(at("tell"), `#!/bin/sh\ncat > ${at("told.json")}\n`, { mode: 0o755 });
    const hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
    const told = ["--notify", `command:${at("tell")}`, "--notify", `webhook:${hookUrl}`];
    const words = ["--name", "door", "--confirm-after", "100ms", "--history-file", at("h.db"), ...told];
    const look = [...words, "--", "scan", "-n", "-p", String(port), "127.0.0.1"];
    expect(await runOnce(look)).toMatchObject({ status: 0, stderr: "" });
    const open = await listen(port);
    const changed = await runOnce(look);
    expect(changed).toMatchObject({ status: 1, stderr: "" });
    expect(changed.stdout).toContain(`\n  + 127.0.0.1/tcp/${port} closed -> open`);
    const json = readFileSync(at("told.json"), "utf8");
    expect(JSON.parse(json)).toMatchObject({
      watch: "door",
      keptAs: "scan 3",
      changes: [{ before: "closed", after: "open" }],
    });
    expect(heard.join("")).toBe(json);
    expect(await runOnce(look)).toMatchObject({ status: 0 });
    open.close();
  });

  test("what cannot look, or tell, ends with 3", async () => {
    const words = ["--history-file", at("h.db"), "--look-limit", "1ms", "--", "scan", "-n", "-p", "1", "127.0.0.1"];
    const blind = await runOnce(words);
    expect(blind).toMatchObject({ status: 3 });
    expect(blind.stderr).toContain("could not look");
  });
});

describe("as a service", () => {
  let service: ChildProcess | undefined;
  let [out, err] = ["", ""];
  afterAll(() => service?.kill("SIGKILL"));

  async function until(isThere: () => boolean): Promise<void> {
    for (let tries = 0; !isThere() && tries < 200; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isThere()).toBe(true);
  }

  test("it runs at once, reads its file anew at SIGHUP, and ends at SIGTERM", async () => {
    writeFileSync(at("door.yaml"), "scan: -n -p 1 127.0.0.1\nschedule: '0 0 1 1 *'\n");
    service = spawn(POSTERN, ["watch", "--file", at("door.yaml"), "--history-file", at("s.db")], {
      env: environment(),
    });
    service.stdout?.setEncoding("utf8").on("data", (text: string) => (out += text));
    service.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text));
    await until(() => out.includes("door: 1 host up, 0 ports open; the first run"));
    writeFileSync(at("door.yaml"), "scan: -n -p 1 127.0.0.1\nshedule: '@daily'\n");
    service.kill("SIGHUP");
    await until(() => err.includes("nothing is changed"));
    expect(err).toContain("did you mean schedule?");
    writeFileSync(at("door.yaml"), "scan: -n -p 1,2 127.0.0.1\nschedule: '0 0 1 1 *'\n");
    service.kill("SIGHUP");
    await until(() => out.split("\n").length === 3);
    service.kill("SIGTERM");
    expect(await once(service, "exit")).toEqual([0, null]);
  });
});
