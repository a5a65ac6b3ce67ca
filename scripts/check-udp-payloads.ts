// Has tshark take every payload of data/udp-payloads.tsv apart: none may be malformed. Run: npx tsx
// scripts/check-udp-payloads.ts. The capture is made as draft-ietf-opsawg-pcap says, raw IP (link type 101), and is not sent.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { PROTOCOL_UDP, writeIpv4 } from "../src/packet/ipv4.js";
import { parseUdpPayloads, type UdpPayloadRow } from "../src/technique/udp-payloads.js";

const DATA = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "data");
const LINK_TYPE_RAW = 101;
const UDP_HEADER_BYTES = 8;
/** Each datagram has a source port of its own, so that tshark does not take two for one conversation. */
const OUR_FIRST_PORT = 40_000;
const OURS = 0x0a00_0001;
const HOST = 0x0a00_0002;

/** Expert severity "error" in Wireshark's epan/proto.h. */
const SEVERITY_ERROR = 0x0080_0000;

/** Ports at which tshark expects something else, or nothing, unless it is told. */
const DECODE_AS: readonly string[] = ["udp.port==8600,dns", "udp.port==17185,rpc", "udp.port==623,rmcp"];

/** One datagram of the capture: what is in front of it in the file, IPv4, UDP, payload. */
function record(row: UdpPayloadRow, index: number): Uint8Array {
  const ip = new Uint8Array(60);
  const ipBytes = writeIpv4(
    {
      identification: 0,
      dontFragment: true,
      ttl: 64,
      protocol: PROTOCOL_UDP,
      source: OURS,
      target: HOST,
      payloadBytes: UDP_HEADER_BYTES + row.payload.length,
    },
    ip,
    0,
  );
  const frameBytes = ipBytes + UDP_HEADER_BYTES + row.payload.length;
  const head = Buffer.alloc(16);
  head.writeUInt32BE(frameBytes, 8);
  head.writeUInt32BE(frameBytes, 12);
  const udp = Buffer.alloc(UDP_HEADER_BYTES);
  udp.writeUInt16BE(OUR_FIRST_PORT + index, 0);
  udp.writeUInt16BE(row.ports[0] ?? 0, 2);
  udp.writeUInt16BE(UDP_HEADER_BYTES + row.payload.length, 4);
  return Buffer.concat([head, ip.subarray(0, ipBytes), udp, row.payload]);
}

function capture(rows: readonly UdpPayloadRow[]): Uint8Array {
  const head = Buffer.alloc(24);
  head.writeUInt32BE(0xa1b2_c3d4, 0);
  head.writeUInt16BE(2, 4);
  head.writeUInt16BE(4, 6);
  head.writeUInt32BE(65_535, 16);
  head.writeUInt32BE(LINK_TYPE_RAW, 20);
  return Buffer.concat([head, ...rows.map(record)]);
}

/** What tshark says of each datagram: its protocols, whether it is malformed, and the errors that it complains of. */
function dissect(bytes: Uint8Array): string[][] {
  const folder = mkdtempSync(path.join(tmpdir(), "postern-payloads-"));
  try {
    const file = path.join(folder, "payloads.pcap");
    writeFileSync(file, bytes);
    const fields = ["frame.protocols", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message"];
    const words = ["-r", file, "-T", "fields", "-E", "separator=/t", ...fields.flatMap((field) => ["-e", field])];
    const run = spawnSync("tshark", [...words, ...DECODE_AS.flatMap((rule) => ["-d", rule])], { encoding: "utf8" });
    if (run.error !== undefined) throw new Error(`tshark cannot be run: ${run.error.message}`, { cause: run.error });
    if (run.status !== 0) throw new Error(`tshark failed: ${run.stderr}`);
    return run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function main(): void {
  const { table, faults } = parseUdpPayloads(readFileSync(path.join(DATA, "udp-payloads.tsv"), "utf8"));
  for (const fault of faults) console.log(`FAULT ${fault}`);
  const { rows } = table.toData();
  const dissected = dissect(capture(rows));
  let badCount = faults.length;
  for (const [index, row] of rows.entries()) {
    const [protocols = "", malformed = "", severities = "", messages = ""] = dissected[index] ?? [];
    const isError = severities.split(",").some((severity) => Number(severity) >= SEVERITY_ERROR);
    const isBad = protocols === "" || malformed !== "" || isError;
    if (isBad) badCount++;
    const inner = protocols.replace(/^raw:ip:udp:?/, "");
    console.log(
      `${isBad ? "BAD " : "ok  "} ${row.name.padEnd(28)} ${inner} ${isBad || messages !== "" ? messages : ""}`,
    );
  }
  console.log(`${rows.length} payloads, ${badCount} bad`);
  process.exitCode = badCount > 0 ? 1 : 0;
}

main();
