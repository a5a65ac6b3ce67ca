// The HTML report in a browser: nothing runs, nothing is fetched, nothing hangs out of the page, on screen and paper.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOSTILE_SCAN, HOSTILE_TEXTS, office, SMALL_SCAN, writePage } from "../src/report/html-events.test.data.js";

const CHROMIUM = "/usr/bin/chromium";
const hasChromium = existsSync(CHROMIUM);

/** A4 without the page's margins, at 96 pixels an inch. */
const PAPER_PX = Math.floor(((210 - 2 * 14) / 25.4) * 96);

const PAGES = {
  small: writePage(SMALL_SCAN),
  office: writePage(office(64)),
  hostile: writePage(HOSTILE_SCAN),
  cut: writePage(SMALL_SCAN).slice(0, -9000),
} as const;

const IN_PAGE = readFileSync(new URL("report-html-page.mjs", import.meta.url), "utf8");

if (!hasChromium) {
  if (process.env.CI === "true") throw new Error(`CI=true demands ${CHROMIUM}`);
  process.stderr.write(`skipped: the HTML report in a browser [no ${CHROMIUM}]\n`);
}

describe.skipIf(!hasChromium)("the HTML report in a browser", () => {
  let browser: Browser;
  let server: Server;
  /** What was asked of the server that the pages come from. */
  const asked: string[] = [];

  beforeAll(async () => {
    // A test machine may run as root, where Chromium's sandbox does not start; the pages are our own.
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--force-renderer-accessibility"],
    });
    server = createServer((request, response) => {
      const name = request.url?.slice(1) ?? "";
      asked.push(name);
      const page = Object.entries(PAGES).find(([key]) => key === name)?.[1];
      response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html" }).end(page);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens a page, and fails afterwards if it complained, asked, or ran anything. */
  async function look(
    name: keyof typeof PAGES,
    options: BrowserContextOptions,
    see: (page: Page) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    asked.length = 0;
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/${name}`;
    await page.goto(url, { waitUntil: "networkidle" });
    await see(page);
    await context.close();
    expect(complaints).toEqual([]);
    expect(requests.filter((one) => !one.startsWith("data:"))).toEqual([url]);
    expect(asked).toEqual([name]);
  }

  const NAMES = Object.keys(PAGES) as readonly (keyof typeof PAGES)[];

  test.each(NAMES)("%s: nothing hangs out of the page at 360 pixels, at 1200, and on paper", async (name) => {
    for (const width of [360, 760, 1200]) {
      await look(name, { viewport: { width, height: 800 } }, async (page) => {
        expect(await ask(page, "hangingOut")).toEqual([]);
      });
    }
    await look(name, { viewport: { width: PAPER_PX, height: 1000 } }, async (page) => {
      await page.emulateMedia({ media: "print" });
      expect(await ask(page, "hangingOut")).toEqual([]);
      const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
      expect(pdf.subarray(0, 5).toString("latin1")).toBe("%PDF-");
    });
  });

  test("on paper rows are whole, heads of tables come again, and what only helps on screen is gone", async () => {
    await look("office", {}, async (page) => {
      await page.emulateMedia({ media: "print" });
      const values = {
        rows: await ask(page, "valuesOf", "tr", "break-inside"),
        heads: await ask(page, "valuesOf", "thead", "display"),
        wide: await ask(page, "valuesOf", ".wide", "overflow-x"),
        nav: await ask(page, "valuesOf", "nav", "display"),
        articles: await ask(page, "valuesOf", "article", "content-visibility"),
      };
      expect(values).toEqual({
        rows: ["avoid"],
        heads: ["table-header-group"],
        wide: ["visible"],
        nav: ["none"],
        articles: ["visible"],
      });
    });
  });

  test("hostile text is text", async () => {
    await look("hostile", {}, async (page) => {
      const inside = await ask<{ readonly text: string }>(page, "contents");
      expect(inside).toMatchObject({ foreign: 0, handlers: 0, articles: HOSTILE_TEXTS.length });
      expect(inside.text).toContain("<script>alert(1)</script>");
      expect(inside.text).toContain("&lt;already&gt; &amp;");
      expect(inside.text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    });
  });

  test("the policy lets no script of anybody's run", async () => {
    const injected = PAGES.small.replace("<main>", "<script>document.title='run'</script><main>");
    const folder = mkdtempSync(path.join(tmpdir(), "postern-html-"));
    try {
      const file = path.join(folder, "injected.html");
      writeFileSync(file, injected);
      const page = await browser.newPage();
      await page.goto(`file://${file}`);
      expect(await page.title()).toBe("Port scan of gate.lab.example, 10.0.0.2, 10.0.0.3, 2026-11-23");
      await page.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("the summary stands above the hosts, for screen readers and the keyboard, too", async () => {
    await look("small", {}, async (page) => {
      expect(await headings(page)).toEqual([
        "1 Port scan of gate.lab.example, 10.0.0.2, 10.0.0.3",
        "2 Before you rely on it",
        "2 Hosts and open ports",
        "2 Services",
        "2 States",
        "2 Hosts",
        "3 10.0.0.1 gate.lab.example 2 open",
        "4 Operating system",
        "4 Scripts",
        "3 10.0.0.2 db.lab.example 2 open",
        "3 10.0.0.3",
        "2 How it was found out",
        "3 Reasons",
      ]);
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Before you rely on it");
      const order = ["verdict", "warnings", "matrix", "services", "states", "hosts", "h0", "how"];
      const tops = await ask<number[]>(page, "topsOf", order);
      expect(tops).toEqual(tops.toSorted((one, other) => one - other));
    });
  });

  test("a file that was cut shows what is there, and says that it was cut", async () => {
    await look("cut", {}, async (page) => {
      await expect.poll(() => page.getByText("This report has no end").isVisible()).toBe(true);
      expect(await page.locator("#h0").isVisible()).toBe(true);
    });
    await look("small", {}, async (page) => {
      expect(await page.getByText("This report has no end").isVisible()).toBe(false);
    });
  });

  test("tables have captions and heads, pictures have words", async () => {
    await look("office", {}, async (page) => {
      expect(await ask(page, "wordless")).toEqual({ tables: 0, heads: 0, pictures: 0 });
    });
  });

  test.each(["light", "dark"] as const)("text stands out from its ground: %s", async (colorScheme) => {
    await look("small", { colorScheme }, async (page) => {
      expect(await ask(page, "faintTexts")).toEqual([]);
    });
  });

  test("hosts without open ports can be hidden without a script", async () => {
    await look("office", {}, async (page) => {
      const quiet = page.locator("article.quiet").first();
      expect(await quiet.isVisible()).toBe(true);
      await page.getByLabel("Only hosts with open ports").check();
      expect(await quiet.isVisible()).toBe(false);
      expect(await page.locator("article:not(.quiet)").first().isVisible()).toBe(true);
    });
  });
});

test("65,535 hosts with 1,000 ports each are written in less than 200 MB", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-html-"));
  try {
    const file = path.join(folder, "size.mjs");
    const input = fileURLToPath(new URL("report-html-size.ts", import.meta.url));
    await build({ input, platform: "node", output: { file, format: "esm" }, logLevel: "warn" });
    const { stdout } = await promisify(execFile)(process.execPath, [file, "65535"]);
    const { fileBytes, peakBytes } = JSON.parse(stdout) as { readonly fileBytes: number; readonly peakBytes: number };
    expect(fileBytes).toBeGreaterThan(50e6);
    expect(peakBytes).toBeLessThan(200e6);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 240_000);

/** Asks one of the functions of report-html-page.mjs. */
async function ask<Answer = unknown>(page: Page, name: string, ...args: readonly unknown[]): Promise<Answer> {
  await page.evaluate(IN_PAGE);
  return page.evaluate<Answer>(`pageTests.${name}(...${JSON.stringify(args)})`);
}

/** The headings in the order in which Chromium tells them to screen readers, with their levels. */
async function headings(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const found: string[] = [];
  const walk = (id: string): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    if (node.role?.value === "heading") {
      const level = node.properties?.find(({ name }) => name === "level")?.value.value;
      found.push(`${level} ${String(node.name?.value).replace(/\s+/g, " ").trim()}`);
    }
    for (const child of node.childIds ?? []) walk(child);
  };
  walk(nodes.find(({ parentId }) => parentId === undefined)?.nodeId ?? "");
  return found;
}
