// Reads what programs ask `postern firewall`: packets as JSON Lines, a host as one JSON object, and a question of reach.
// docs/firewall.md, "For programs".
import { z } from "zod";
import { InputError, type InputPlace } from "../model/errors.js";
import { type Address, parseAddress } from "../target/address.js";
import type { HostEnvironment, QuestionPacket, ReachQuestion } from "./packet-question.js";
import { protocolNumber } from "./protocol-names.js";

const ICMP = 1;
const ICMPV6 = 58;
const TTL = 64;
const MAX_LINES = 1_000_000;

const address = z.string().transform((text, context): Address => {
  const found = parseAddress(text);
  if (found !== undefined) return found;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is no address` });
  return z.NEVER;
});

const network = z.string().transform((text, context) => {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text === "default" ? "0.0.0.0/0" : text);
  const found = parseAddress(match?.[1] ?? "");
  const width = found?.family === 4 ? 32 : 128;
  const prefix = match?.[2] === undefined ? width : Number(match[2]);
  if (found !== undefined && prefix <= width) return { address: found, prefix };
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is no address with a prefix length` });
  return z.NEVER;
});

const protocol = z.union([z.string(), z.number()]).transform((value, context) => {
  const number = protocolNumber(String(value));
  if (number !== undefined) return number;
  context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is no protocol of IP` });
  return z.NEVER;
});

const flag = z.enum(["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"]);
const port = z.int().min(0).max(65_535);
const byte = z.int().min(0).max(255);
const name = z.string().min(1).max(15);
const track = z.enum(["new", "established", "related", "invalid", "untracked"]);

const packet = z.strictObject({
  id: z.union([z.string(), z.number()]).transform(String).default(""),
  dir: z.enum(["in", "out"]).default("in"),
  iif: name.optional(),
  oif: name.optional(),
  src: address,
  dst: address,
  proto: protocol.default(6),
  sport: port.default(40_000),
  dport: port.default(0),
  flags: z.array(flag).optional(),
  icmp_type: byte.optional(),
  icmp_code: byte.default(0),
  ct: track.default("new"),
  ctdir: z.enum(["original", "reply"]).default("original"),
  ttl: byte.default(TTL),
  dscp: z.int().min(0).max(63).default(0),
});

const environment = z.strictObject({
  ifaces: z.array(z.strictObject({ name, index: z.int().optional(), addrs: z.array(network).default([]) })).default([]),
  routes: z.array(z.strictObject({ dst: network, dev: name })).default([]),
  forward: z.boolean().default(false),
});

const question = z.strictObject({
  iif: name,
  dst: address.optional(),
  sport: port.optional(),
  flags: z.array(flag).optional(),
  ct: track.default("new"),
  protos: z.array(protocol).default([6, 17]),
});

/**
 * Reads packets, one JSON object a line; empty lines are passed over.
 *
 * @throws InputError with the line that cannot be understood
 */
export function readPackets(text: string, file: string): readonly QuestionPacket[] {
  const lines = text.split("\n");
  if (lines.length > MAX_LINES) throw new InputError(`more than ${MAX_LINES} lines`, { file });
  return lines.flatMap((line, at) => {
    if (line.trim() === "") return [];
    const place = { file, line: at + 1 };
    return [readPacket(parseJson(line, place), place)];
  });
}

/**
 * Reads one packet: an object with the keys of the JSON form. What is left out has its default.
 *
 * @throws InputError when it cannot be understood
 */
export function readPacket(value: unknown, where: InputPlace): QuestionPacket {
  const given = check(packet, value, where);
  const { src, dst, proto } = given;
  if (src.family !== dst.family) throw new InputError("src and dst are of different families", where);
  return {
    id: given.id,
    direction: given.dir,
    inputInterface: given.iif ?? (given.dir === "in" ? "eth0" : ""),
    ...(given.oif === undefined ? {} : { outputInterface: given.oif }),
    source: src,
    destination: dst,
    protocol: proto,
    sourcePort: given.sport,
    destinationPort: given.dport,
    flags: given.flags ?? (given.ct === "established" ? ["ack"] : ["syn"]),
    icmpType: given.icmp_type ?? echoRequest(proto),
    icmpCode: given.icmp_code,
    track: given.ct,
    trackDirection: given.ctdir,
    ttl: given.ttl,
    dscp: given.dscp,
  };
}

function echoRequest(protocolNumberOfPacket: number): number {
  return protocolNumberOfPacket === ICMPV6 ? 128 : protocolNumberOfPacket === ICMP ? 8 : 0;
}

/**
 * Reads a host.
 *
 * @throws InputError when it cannot be understood
 */
export function readEnvironment(text: string, file: string): HostEnvironment {
  const { ifaces, routes, forward } = check(environment, parseJson(text, { file }), { file });
  return {
    interfaces: ifaces.map(({ name: own, index, addrs }) => ({
      name: own,
      ...(index === undefined ? {} : { index }),
      addresses: addrs,
    })),
    routes: routes.map(({ dst, dev }) => ({ target: dst.address, prefix: dst.prefix, device: dev })),
    isForwarding: forward,
  };
}

/**
 * Reads a question of reach.
 *
 * @throws InputError when it cannot be understood
 */
export function readReachQuestion(text: string, file: string): ReachQuestion {
  const { iif, dst, sport, flags, ct, protos } = check(question, parseJson(text, { file }), { file });
  return {
    inputInterface: iif,
    destination: dst,
    sourcePort: sport,
    flags: flags ?? ["syn"],
    track: ct,
    protocols: protos,
  };
}

function parseJson(text: string, place: InputPlace): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // biome-ignore lint/style/useErrorCause: it is passed, as the third argument
    throw new InputError(`not JSON: ${cause.message}`, place, { cause });
  }
}

function check<Shape extends z.ZodType>(shape: Shape, value: unknown, place: InputPlace): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new InputError(`${where}${issue?.message ?? "not understood"}`, place);
}
