// Start and end of a scan at a collector behind TLS: the certificate is looked at.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createServer, type Server } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { POSTERN } from "./postern.js";

const FOLDER = mkdtempSync(path.join(tmpdir(), "postern-tls-"));
const KEY = path.join(FOLDER, "key.pem");
const CERTIFICATE = path.join(FOLDER, "certificate.pem");
let server: Server;
let received = "";

beforeAll(async () => {
  const subject = ["-subj", "/CN=loghost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", KEY];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, "-out", CERTIFICATE, ...subject], { stdio: "ignore" });
  server = createServer({ key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) }, (socket) => {
    socket.on("data", (bytes) => {
      received += bytes.toString();
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
});

afterAll(() => {
  server.close();
  rmSync(FOLDER, { recursive: true });
});

function scan(environment: NodeJS.ProcessEnv): Promise<{ status: number; stderr: string }> {
  const { port } = server.address() as AddressInfo;
  const words = ["-n", "-p", "1-3", "--syslog-to", `tls://127.0.0.1:${port}`, "127.0.0.1"];
  return new Promise((resolve) => {
    execFile(POSTERN, words, { env: { ...process.env, ...environment } }, (error, _stdout, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, stderr });
    });
  });
}

test("a collector whose certificate is trusted gets both records", async () => {
  expect(await scan({ NODE_EXTRA_CA_CERTS: CERTIFICATE })).toEqual({ status: 0, stderr: "" });
  await expect.poll(() => received).toMatch(/scan-start user=.*scan-end status=done/s);
});

test("one whose certificate nobody vouches for is told nothing, and nothing is scanned", async () => {
  received = "";
  const { status, stderr } = await scan({});
  expect(status).toBe(1);
  expect(stderr).toMatch(/^postern: the log at tls:\/\/127\.0\.0\.1:\d+ cannot be reached: self-signed certificate/);
  expect(received).toBe("");
});
