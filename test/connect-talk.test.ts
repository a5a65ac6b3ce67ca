// postern connect without -z: bytes that must arrive as they are, and servers that mean no good.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasProgram } from "../lab/availability.js";
import { createLab, type Lab } from "../lab/network.js";
import { describeLab } from "../lab/vitest.js";
import { POSTERN } from "./postern.js";

const SERVER = fileURLToPath(new URL("talk-server.mjs", import.meta.url));

/** Most of the time is spent waiting for what never comes: all tests wait at the same time. */
describeLab("postern connect", () => {
  describe.concurrent("in the routed lab", defineTests);
});

function defineTests(): void {
  let lab: Lab;
  let folder = "";
  const errors: string[] = [];

  const connect = (args: readonly string[]) => lab.scanner.run(POSTERN, ["connect", ...args], { timeoutMs: 20_000 });

  /** The same through a shell: for pipes and files. */
  const shell = (line: string) =>
    lab.scanner.run("bash", ["-c", line.replaceAll("CONNECT", `${POSTERN} connect`)], { cwd: folder });

  /** A command line on a terminal: `until` waits for its words, `type` presses keys. */
  const onTerminal = (line: string) => {
    const child = lab.scanner.spawn(
      "script",
      ["-qefc", line.replaceAll("CONNECT", `${POSTERN} connect`), "/dev/null"],
      {
        env: { TERM: "xterm" },
      },
    );
    let shown = "";
    child.stdout?.on("data", (chunk) => {
      shown += String(chunk);
    });
    const ended = once(child, "close").then(([status]) => ({ status, shown }));
    const until = async (words: RegExp): Promise<RegExpExecArray> => {
      for (let waits = 0; waits < 500; waits++, await sleep(10)) {
        const found = words.exec(shown);
        if (found !== null) return found;
      }
      throw new Error(`${words} did not come: ${shown}`);
    };
    return { until, type: (keys: string) => child.stdin?.write(keys), ended };
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "postern-connect-"));
    const at = (name: string) => path.join(folder, name);
    lab = await createLab({ topology: "routed" });
    const subject = ["-subj", "/O=Lab/CN=plain.lab", "-addext", "subjectAltName=DNS:plain.lab,IP:10.10.0.10"];
    const files = ["-keyout", at("key.pem"), "-out", at("certificate.pem")];
    await lab.scanner.run("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "30",
      ...files,
      ...subject,
    ]);
    const server = lab.host("plain").spawn(process.execPath, [SERVER, at("key.pem"), at("certificate.pem")], {
      env: { NODE_OPTIONS: "" },
    });
    server.stderr?.on("data", (chunk) => errors.push(String(chunk)));
    await once(server.stdout ?? server, "data");
  });
  afterAll(async () => {
    await lab?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test("printers are asked nothing, unless by --payload", async () => {
    const { ipv4 } = lab.host("plain");
    await connect(["-zu", "-w0.5", ipv4, "9100"]);
    await connect(["-zu", "-w0.5", "--payload", '"asked for"', ipv4, "9100"]);
    expect(errors.join("").match(/^printed .*$/gm)).toEqual(["printed .", "printed asked for."]);
  });

  describe("a conversation", () => {
    test("passes bytes as they are, both ways, by pipes and by files, and half-closes", async () => {
      const { ipv4 } = lab.host("plain");
      const bytes = randomBytes(3_000_001);
      writeFileSync(path.join(folder, "bytes"), bytes);
      const hash = `${createHash("sha256").update(bytes).digest("hex")}\n`;
      expect((await shell(`cat bytes | CONNECT -N ${ipv4} 4001`)).stdout).toBe(hash);
      expect((await shell(`CONNECT -N ${ipv4} 4001 <bytes >hash; cat hash`)).stdout).toBe(hash);
      expect((await shell(`cat bytes | CONNECT -N ${ipv4} 4006 | cmp - bytes`)).status).toBe(0); // both ways at once
      await shell(`CONNECT ${ipv4} 4002 </dev/null >all; CONNECT ${ipv4} 4002 </dev/null | cat >piped`);
      const all = readFileSync(path.join(folder, "all"));
      expect(all.length).toBe(1 << 20);
      expect(readFileSync(path.join(folder, "piped")).equals(all)).toBe(true);
    });

    test("goes on sending to who has ended his half, in a pipe", async () => {
      const seen = await shell(`(sleep 0.3; head -c 100000 /dev/zero) | CONNECT ${lab.host("plain").ipv4} 4007`);
      expect(seen).toMatchObject({ status: 0, stdout: "first\n" });
      expect(errors.join("")).toContain("half-closed and got 100000\n");
    });

    test("ends when a server says nothing, and when it was told to", async () => {
      const { ipv4 } = lab.host("plain");
      const silent = await connect(["--idle", "0.4", ipv4, "4004"]);
      expect(silent).toMatchObject({ status: 1, stderr: expect.stringContaining("no answer") });
      expect(silent.elapsedMs).toBeLessThan(5000);
      expect(await shell(`echo hi | CONNECT -q 0.3 ${ipv4} 4006`)).toMatchObject({ status: 0, stdout: "hi\n" });
      expect(await shell(`echo hi | CONNECT -q 0.3 -C ${ipv4} 4006`)).toMatchObject({ status: 0, stdout: "hi\r\n" });
      expect(await connect([ipv4, "23"])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("refused: a RST"),
      });
      expect(await shell(`echo hi | CONNECT ${ipv4} 4009`)).toMatchObject({
        status: 1,
        stdout: "some",
        stderr: "the connection broke off: ECONNRESET, connection reset\n",
      });
    });

    test("a server that breaks off, and a full disk, are errors", async () => {
      const { ipv4 } = lab.host("plain");
      for (const input of ["head -c 50000000 /dev/zero |", "</dev/zero"]) {
        const broken = await shell(`${input} CONNECT ${ipv4} 4009`);
        expect(broken).toMatchObject({ status: 1, stdout: "some" });
        expect(broken.stderr).toMatch(/^the connection broke off: E(CONNRESET|PIPE), .*\n$/);
      }
      expect(await shell(`CONNECT ${ipv4} 4002 </dev/null >/dev/full`)).toMatchObject({
        status: 2,
        stderr: "postern: standard output: cannot be written: ENOSPC, no room left on the device\n",
      });
      expect(await shell(`CONNECT ${ipv4} 4002 <. >/dev/null`)).toMatchObject({
        status: 2,
        stderr: "postern: standard input: cannot be read: EISDIR, is a directory\n",
      });
    });

    test("a reader that goes away ends it", async () => {
      const seen = await shell(`yes | CONNECT ${lab.host("plain").ipv4} 4006 | head -c 2; echo "\${PIPESTATUS[1]}"`);
      expect(seen.stdout).toBe("y\n0\n");
    });

    test("telnet without end is answered a few times; in a pipe only when asked for", async () => {
      const { ipv4 } = lab.host("plain");
      const seen = await shell(`CONNECT --telnet ${ipv4} 4003 </dev/null`);
      expect(seen.stdout).toBe("answered with 192 bytes\r\n"); // 64 answers of three bytes
      expect(seen.stderr).toBe("the server negotiates without end: it gets no more answers\n");
      const untouched = await shell(
        `CONNECT ${ipv4} 4003 </dev/null | wc -c; CONNECT ${ipv4} 4003 </dev/null | tail -c 23`,
      );
      expect(untouched.stdout).toBe(`${50 * 4096 * 3 + 23}\nanswered with 0 bytes\r\n`);
    });

    test("over UDP, and what nobody has answered is not called done", async () => {
      const { ipv4 } = lab.host("plain");
      expect(await shell(`echo hi | CONNECT -u -q 0.3 ${ipv4} 4010`)).toMatchObject({ status: 0, stdout: "got hi\n" });
      expect(await shell(`echo hi | CONNECT -u -q 0.3 ${ipv4} 514`)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("no answer"),
      });
      expect(await shell(`echo hi | CONNECT -u -q 5 ${ipv4} 55`)).toMatchObject({
        status: 1,
        stderr: "closed: an ICMP port unreachable came back\n",
      });
    });

    test("--hex shows all bytes, both ways", async () => {
      const seen = await shell(`printf 'a\\033' | CONNECT --hex -q 0.3 ${lab.host("plain").ipv4} 4006`);
      const digits = "61 1b                                             |a.|";
      expect(seen.stdout).toBe(`> 00000000  ${digits}\n< 00000000  ${digits}\n`);
    });
  });

  describe.skipIf(!hasProgram("openssl"))("TLS", () => {
    test("a certificate that nobody trusts is shown and ends it", async () => {
      const seen = await shell(`echo hi | CONNECT --tls ${lab.host("plain").ipv4} 4443`);
      expect(seen).toMatchObject({ status: 1, stdout: "" });
      expect(seen.stderr).toMatch(/^TLS: TLSv1\.3, TLS_AES_\w+, no ALPN$/m);
      expect(seen.stderr).toMatch(/^subject: +O=Lab, CN=plain\.lab$/m);
      expect(seen.stderr).toMatch(/^names: +DNS:plain\.lab, IP Address:10\.10\.0\.10$/m);
      expect(seen.stderr).toMatch(/^SHA-256: +([0-9A-F]{2}:){31}[0-9A-F]{2}$/m);
      expect(seen.stderr).toContain("not to be trusted: it is signed by itself, and nobody here trusts it.\n");
    });

    test("--insecure goes on and says why it should not; --ca makes it trusted; the name counts", async () => {
      const { ipv4 } = lab.host("plain");
      const insecure = await shell(`printf hi | CONNECT --tls --insecure --alpn h2,http/1.1 ${ipv4} 4443`);
      expect(insecure).toMatchObject({ status: 0, stdout: "got hi" });
      expect(insecure.stderr).toMatch(/ALPN http\/1\.1$[\s\S]*not to be trusted: it is signed by itself/m);
      const trusted = await shell(`printf hi | CONNECT --tls --ca certificate.pem ${ipv4} 4443`);
      expect(trusted).toMatchObject({ status: 0, stdout: "got hi" });
      expect(trusted.stderr).toContain(
        `The certificate is valid for ${ipv4}, by the authorities in certificate.pem.\n`,
      );
      const other = await shell(`printf hi | CONNECT --tls --ca certificate.pem --servername other.lab ${ipv4} 4443`);
      expect(other).toMatchObject({ status: 1, stdout: "" });
      expect(other.stderr).toContain("it is not for other.lab, but for DNS:plain.lab, IP Address:10.10.0.10.\n");
    });

    test("a server that speaks no TLS, or nothing, is said to", async () => {
      const { ipv4 } = lab.host("plain");
      expect((await shell(`CONNECT --tls ${ipv4} 22 </dev/null`)).stderr).toBe(
        "no TLS: what the server has sent is no TLS\n",
      );
      const silent = await shell(`CONNECT --tls -w 0.5 ${ipv4} 4004 </dev/null`);
      expect(silent).toMatchObject({ status: 1, stderr: "no TLS: the server has not shaken hands within 0.5 s\n" });
    });
  });

  describe.skipIf(!hasProgram("script"))("on a terminal", () => {
    test("nothing that a server sends moves the cursor", async () => {
      const { status, shown } = await onTerminal(`CONNECT ${lab.host("plain").ipv4} 4005`).ended;
      expect(shown).toContain(
        "\\x1b]0;owned\\x07\\x1b[2Jreal\\x0dfake\\x9b31m ä\\u202e\r\nend\r\nConnection closed by ",
      );
      expect(shown).not.toContain("\x1b");
      expect(status).toBe(0);
    });

    test("a server that echoes gets each key, and Ctrl-] leads to the prompt", async () => {
      const { until, type, ended } = onTerminal(`CONNECT ${lab.host("plain").ipv4} 4008`);
      await until(/login: \[fffd01fffb18fffb1f/);
      type("a");
      await until(/\[61\]/);
      type("\r");
      await until(/\[0d00\]/);
      type("\x1d");
      await until(/postern> $/);
      type("status\n");
      await until(/Sent \d+ bytes, received \d+\.\r\nEach key is sent as it is typed\.\r\n/);
      await until(/Telnet options, theirs: echo; ours: terminal type, window size\./);
      type("\x1d");
      await until(/postern> $/);
      type("quit\n");
      expect(await ended).toMatchObject({ status: 0, shown: expect.stringContaining("Connection closed.") });
    });

    test("whole lines are sent, and Ctrl-] needs no Enter", async () => {
      const { until, type, ended } = onTerminal(`CONNECT -C ${lab.host("plain").ipv4} 4006`);
      await until(/prompt\.\r\n/);
      type("line\n");
      await until(/line\r\nline\r\n/);
      type("\x1d");
      await until(/postern> $/);
      type("send ayt\n");
      await until(/telnet is not spoken/);
      type("\x1d");
      await until(/postern> $/);
      type("q\n");
      expect((await ended).status).toBe(0);
    });

    test("an interrupt leaves the terminal as it was", async () => {
      const start = `sh -c "echo pid \\$\\$; exec CONNECT --raw ${lab.host("plain").ipv4} 4006"`;
      const { until, ended } = onTerminal(`stty -g; ${start}; echo "status $?"; stty -g`);
      const [, pid] = await until(/pid (\d+)/);
      await until(/prompt\./);
      process.kill(Number(pid), "SIGINT");
      const { shown } = await ended;
      expect(shown).toContain("status 130\r\n");
      const modes = shown.match(/^[0-9a-f]+(:[0-9a-f]+)+/gm) ?? [];
      expect(modes).toHaveLength(2);
      expect(modes[1]).toBe(modes[0]);
    });
  });
}
