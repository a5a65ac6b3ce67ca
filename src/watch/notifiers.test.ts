import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isFault } from "../target/fault.js";
import { encodedWords } from "./encoded-words.js";
import { noticeJson, noticeText, noticeTitle } from "./notice.js";
import { HOSTILE, noticeOf, OPENED } from "./notice.test.data.js";
import { commandNotifier } from "./notify-command.js";
import { mailNotifier, mailOf } from "./notify-mail.js";
import { ntfyNotifier } from "./notify-ntfy.js";
import { parseNotifyTarget } from "./notify-target.js";
import { webhookNotifier } from "./notify-webhook.js";

let folder: string;
let server: Server;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { url: string | undefined; headers: IncomingMessage["headers"]; body: string }[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "postern-notify-"));
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      seen.push({ url: request.url, headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function answering(take: typeof answer): void {
  seen = [];
  answer = take;
}

/** A program of sh. */
function program(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

const HOSTILE_NOTICE = noticeOf({ watch: HOSTILE, changes: [{ ...OPENED, title: HOSTILE, place: HOSTILE }] });

describe("a command", () => {
  test("reads the notice as JSON, and gets its words as they are", async () => {
    const file = path.join(folder, "heard");
    const tell = program("tell", `{ printf '%s|' "$@"; cat; } > ${file}`);
    expect(await commandNotifier([tell, "$(id)", "a b", ";"], {}).tell(HOSTILE_NOTICE)).toBeUndefined();
    const [one, two, three, json = ""] = readFileSync(file, "utf8").split("|");
    expect([one, two, three]).toEqual(["$(id)", "a b", ";"]);
    expect(JSON.parse(json)).toMatchObject({ format: "postern-watch", watch: HOSTILE, changes: [{ title: HOSTILE }] });
  });

  test("that hangs is ended, with what it has started", async () => {
    const file = path.join(folder, "late");
    const hang = program("hang", `(sleep 3; touch ${file}) & sleep 60`);
    const startedAt = Date.now();
    expect(await commandNotifier([hang], {}, 300).tell(noticeOf())).toContain("did not end");
    expect(Date.now() - startedAt).toBeLessThan(2500);
    await new Promise((resolve) => setTimeout(resolve, 3200));
    expect(existsSync(file)).toBe(false);
  });

  test("that fails says why; what it says too much of is cut", async () => {
    const fail = program("fail", "cat > /dev/null; echo 'no way' >&2; exit 7");
    expect(await commandNotifier([fail], {}).tell(noticeOf())).toBe("ended with status 7: no way");
    const loud = program("loud", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1");
    expect((await commandNotifier([loud], {}).tell(noticeOf()))?.length).toBeLessThanOrEqual(300);
    expect(await commandNotifier([path.join(folder, "none")], {}).tell(noticeOf())).toContain("ENOENT");
  });

  test("that does not read is no trouble, and does not get the socket of the service manager", async () => {
    const file = path.join(folder, "environment");
    const deaf = program("deaf", `env > ${file}`);
    const environment = { NOTIFY_SOCKET: "/run/x", WATCHDOG_USEC: "1", TOKEN: "t" };
    const big = noticeOf({ changes: Array.from({ length: 1000 }, () => ({ ...OPENED, title: "x".repeat(300) })) });
    expect(await commandNotifier([deaf], environment).tell(big)).toBeUndefined();
    expect(readFileSync(file, "utf8")).toContain("TOKEN=t");
    expect(readFileSync(file, "utf8")).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/);
  });
});

describe("a webhook", () => {
  test("gets JSON, and headers from the environment", async () => {
    answering((_request, response) => response.writeHead(204).end());
    const secrets = [{ name: "Authorization", variable: "TOKEN" }];
    const hook = webhookNotifier(`${base}/hook?x=1`, secrets, { TOKEN: "Bearer secret" });
    expect(await hook.tell(HOSTILE_NOTICE)).toBeUndefined();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      url: "/hook?x=1",
      headers: { authorization: "Bearer secret", "content-type": "application/json" },
    });
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ watch: HOSTILE });
  });

  test("that leads elsewhere is not followed", async () => {
    answering((request, response) => {
      if (request.url === "/other") response.writeHead(200).end();
      else response.writeHead(307, { location: `${base}/other` }).end();
    });
    expect(await webhookNotifier(`${base}/hook`, [], {}).tell(noticeOf())).toContain("redirects are not followed");
    expect(seen.map(({ url }) => url)).toEqual(["/hook"]);
  });

  test("that hangs, refuses, floods or is not there: why, and never the secret", async () => {
    answering(() => {});
    expect(await webhookNotifier(base, [], {}, 300).tell(noticeOf())).toBe("no answer within 0 s");
    answering((_request, response) => response.writeHead(500).end("x"));
    expect(await webhookNotifier(base, [], {}).tell(noticeOf())).toBe("the server answered 500");
    answering((_request, response) => {
      response.writeHead(200);
      const flood = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", flood);
      flood();
    });
    expect(await webhookNotifier(base, [], {}).tell(noticeOf())).toBeUndefined();
    expect(await webhookNotifier("http://127.0.0.1:50999", [], {}).tell(noticeOf())).toContain("ECONNREFUSED");
    const secrets = [{ name: "x", variable: "TOKEN" }];
    expect(await webhookNotifier(base, secrets, {}).tell(noticeOf())).toBe(
      "the variable TOKEN for the header x is not set",
    );
    const broken = await webhookNotifier(base, secrets, { TOKEN: "se\r\ncret" }).tell(noticeOf());
    expect(broken).toContain("line break");
    expect(broken).not.toContain("cret");
    expect(webhookNotifier("https://hooks.example.org/T0/secret", [], {}).name).toBe(
      "the webhook at hooks.example.org",
    );
  });
});

describe("ntfy", () => {
  test("gets lines, and a title, a priority and tags", async () => {
    answering((_request, response) => response.end());
    expect(await ntfyNotifier(`${base}/topic`, [], {}).tell(noticeOf())).toBeUndefined();
    expect(seen[0]).toMatchObject({
      url: "/topic",
      headers: { title: "postern: 1 change (nightly on gate)", priority: "4", tags: "postern,medium" },
      body: "+ 192.0.2.1/tcp/22 closed -> open ssh\n\n2026-11-24T12:00:00Z, scan 12\n",
    });
  });

  test("gets no header of somebody else's, and not too much", async () => {
    answering((_request, response) => response.end());
    const many = Array.from({ length: 1000 }, () => ({ ...OPENED, title: HOSTILE.repeat(10) }));
    expect(await ntfyNotifier(`${base}/topic`, [], {}).tell({ ...HOSTILE_NOTICE, changes: many })).toBeUndefined();
    expect(Object.keys(seen[0]?.headers ?? {})).not.toContain("bcc");
    expect(Buffer.byteLength(seen[0]?.body ?? "")).toBeLessThanOrEqual(4096);
    expect(seen[0]?.body).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

describe("mail", () => {
  test("goes through sendmail, with the recipient in its header", async () => {
    const file = path.join(folder, "mail");
    const sendmail = program("sendmail", `{ echo "$@"; cat; } > ${file}`);
    expect(await mailNotifier("root@example.org", {}, sendmail).tell(noticeOf())).toBeUndefined();
    const [words, ...lines] = readFileSync(file, "utf8").split("\n");
    expect(words).toBe("-i -t");
    expect(lines.slice(0, 3)).toEqual([
      "To: root@example.org",
      "Subject: postern: 1 change (nightly on gate)",
      "Auto-Submitted: auto-generated",
    ]);
    const body = Buffer.from(lines.slice(lines.indexOf("")).join(""), "base64").toString();
    expect(body).toBe(noticeText(noticeOf()));
  });

  test("has no header and no recipient that somebody else has put in", () => {
    const mail = mailOf("root", HOSTILE_NOTICE);
    const [head = ""] = mail.split("\n\n");
    expect(head.match(/^[A-Za-z-]+(?=:)/gm)).toEqual([
      "To",
      "Subject",
      "Auto-Submitted",
      "MIME-Version",
      "Content-Type",
      "Content-Transfer-Encoding",
    ]);
    expect(mail).toMatch(/^[\x20-\x7e\n]*$/);
    for (const line of mail.split("\n")) expect(line.length).toBeLessThanOrEqual(200);
  });

  test("is not sent to what is no address", async () => {
    const told = await mailNotifier("-oQ/tmp x", {}, program("never", "exit 0")).tell(noticeOf());
    expect(told).toBe("this is no mail address");
  });
});

describe("any text", () => {
  test("makes header words of plain ASCII that read back, none longer than RFC 2047 allows", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const words = encodedWords(text);
        for (const word of words) expect(word).toMatch(/^[\x20-\x7e]*$/);
        if (!(words[0] ?? "").startsWith("=?UTF-8?B?")) return;
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
        const back = words.map((word) => Buffer.from(word.slice(10, -2), "base64").toString("utf8")).join("");
        expect(back).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  test("steers no terminal as a line, and is whole as JSON", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const notice = noticeOf({ watch: text, text, changes: [{ ...OPENED, title: text, before: text }] });
        expect(noticeText(notice) + noticeTitle(notice)).not.toMatch(/[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u);
        expect(JSON.parse(noticeJson(notice)).watch).toBe(text);
      }),
    );
  });
});

describe("a target", () => {
  test.each([
    "command:/usr/local/bin/tell",
    "webhook:https://hooks.example.org/x",
    "webhook:http://127.0.0.1:8080/",
    "webhook:http://[::1]/",
    "webhook:http://[fd00::1]/",
    "webhook:http://192.168.1.1/",
    "webhook:http://localhost/",
    "mail:root",
    "mail:a.b+c@example.org",
    "ntfy:https://ntfy.sh/my_topic-1",
  ])("%s is taken", (text) => {
    expect(isFault(parseNotifyTarget(text))).toBe(false);
  });

  test.each([
    "",
    "tell",
    "command:tell",
    "command:/bin/x\0y",
    "webhook:ftp://example.org/",
    "webhook:http://example.org/",
    "webhook:http://10.example.org/",
    "webhook:http://8.8.8.8/",
    "webhook:http://0x8080808/",
    "webhook:http://[2001:db8::1]/",
    "webhook:https://user:password@example.org/",
    "webhook:https://example.org/\r\nx: y",
    "mail:-oQ/tmp",
    "mail:root@example.org,other@example.org",
    "mail:root@example.org\nBcc: x@example.org",
    "mail:|/bin/sh",
    "ntfy:https://ntfy.sh/",
    "ntfy:https://ntfy.sh/a/b",
  ])("%j is not", (text) => {
    expect(isFault(parseNotifyTarget(text))).toBe(true);
  });
});
