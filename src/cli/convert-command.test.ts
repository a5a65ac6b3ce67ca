import { linkSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { InputError, UsageError } from "../model/errors.js";
import { keepConsole } from "./command-console.test.data.js";
import { convertCommand } from "./convert-command.js";

const XML = `<?xml version="1.0"?>
<nmaprun scanner="nmap" args="nmap -oX x --script-args &quot;a b&quot; 10.0.0.1" start="1795522004" version="7.93" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="2" services="22,80"/>
<host starttime="1795522005" endtime="1795522013"><status state="up" reason="echo-reply" reason_ttl="63"/>
<address addr="10.0.0.1" addrtype="ipv4"/>
<ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="63"/></port>
<port protocol="tcp" portid="80"><state state="closed" reason="reset" reason_ttl="63"/></port></ports></host>
<runstats><finished time="1795522014" elapsed="9.50" exit="success"/><hosts up="1" down="0" total="1"/></runstats>
</nmaprun>
`;

function makeFolder(xml = XML): { readonly input: string; at(name: string): string } {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-convert-"));
  const at = (name: string) => path.join(folder, name);
  writeFileSync(at("in.xml"), xml);
  return { input: at("in.xml"), at };
}

async function convert(...words: readonly string[]) {
  const { console, out, errors } = keepConsole(80);
  const status = await convertCommand.run(words, console);
  return { status, out: out(), errors: errors() };
}

test.each([
  ["out.jsonl", /^\{"type":"start","format":1/],
  ["out.csv", /^address,name,/],
  ["out.gnmap", /^# Nmap 7\.93 scan initiated/],
  ["out.XML", /^<\?xml/],
  ["out.nmap", /^# Nmap 7\.93 scan initiated Tue Nov 24 12:06:44 2026 as: nmap -oX x /],
])("the name %s says the form", async (name, begin) => {
  const { input, at } = makeFolder();
  expect(await convert(input, at(name))).toEqual({ status: 0, out: "", errors: "" });
  expect(readFileSync(at(name), "utf8")).toMatch(begin);
});

test("through every form that can be read back, the ports stay the same", async () => {
  const { input, at } = makeFolder();
  const { out: direct } = await convert("--to", "csv", input, "-");
  await convert(input, at("1.jsonl"));
  await convert(at("1.jsonl"), at("2.xml"));
  await convert(at("2.xml"), at("3.jsonl"));
  const { out: around } = await convert("--to", "csv", at("3.jsonl"), "-");
  expect(around).toBe(direct);
  expect(readFileSync(at("2.xml"), "utf8")).toContain('args="nmap -oX x --script-args &quot;a b&quot; 10.0.0.1"');
});

test("- is standard output; --open and --reason are the scan's", async () => {
  const { input } = makeFolder();
  const { out } = await convert("--to=normal", "--open", "--reason", input, "-");
  expect(out).toContain("22/tcp open");
  expect(out).toContain("syn-ack ttl 63");
  expect(out).not.toContain("80/tcp");
});

test("a report that was cut is converted up to there, with a warning", async () => {
  const { input } = makeFolder(XML.slice(0, XML.indexOf("<runstats")));
  const { status, out, errors } = await convert("--to", "csv", input, "-");
  expect(status).toBe(0);
  expect(out).toContain("10.0.0.1");
  expect(errors).toBe("Warning: the report was cut off: only the hosts before that are read\n");
});

test("the report that is read is never overwritten, whatever it is called", async () => {
  const { input, at } = makeFolder();
  symlinkSync(input, at("symbolic.xml"));
  linkSync(input, at("hard.xml"));
  for (const name of [input, at("symbolic.xml"), at("hard.xml"), path.join(at("."), "in.xml")]) {
    await expect(convert(input, name)).rejects.toThrow(UsageError);
  }
  expect(readFileSync(input, "utf8")).toBe(XML);
});

test("what cannot be read leaves a file of the other name as it was", async () => {
  const { at } = makeFolder();
  writeFileSync(at("bad.xml"), '<nmaprun scanner="nmap" start="x" <>');
  writeFileSync(at("out.csv"), "precious");
  await expect(convert(at("bad.xml"), at("out.csv"))).rejects.toThrow(/bad\.xml:1:\d+: not well-formed XML/);
  await expect(convert(at("missing.xml"), at("out.csv"))).rejects.toThrow(/there is no such file/);
  writeFileSync(at("bad.xml"), "no report");
  await expect(convert(at("bad.xml"), at("out.csv"))).rejects.toThrow(InputError);
  expect(readFileSync(at("out.csv"), "utf8")).toBe("precious");
});

test("a place that cannot be written is named", async () => {
  const { input } = makeFolder();
  await expect(convert(input, "/nowhere/out.csv")).rejects.toThrow(/\/nowhere\/out\.csv: cannot be written: ENOENT/);
});

test.each([
  [[], /takes the report to read and the one to write, and was given 0/],
  [["a", "b", "c"], /was given 3/],
  [["a", "b"], /does not say in which form/],
  [["a", "b.pdf"], /does not say in which form/],
  [["--to", "jsnl", "a", "b"], /there is no form "jsnl".*did you mean jsonl\?/],
  [["--nonsense", "a", "b.csv"], /Unknown option '--nonsense'/],
])("%j cannot be understood", async (words, message) => {
  await expect(convert(...words)).rejects.toThrow(UsageError);
  await expect(convert(...words)).rejects.toThrow(message);
});

test("--help names every form", async () => {
  const { out } = await convert("--help");
  expect(out).toContain("Usage: postern convert");
  for (const word of ["jsonl", "csv", "grepable", "masscan's JSON"]) expect(out).toContain(word);
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
