// Reads what programs ask `postern firewall`: packets as JSON Lines, a host as one JSON object, and a question of reach.
// docs/firewall.md, "For programs".
import { en } from "zod/locales";
import * as z from "zod/mini";
import { InputError, type InputPlace } from "../model/errors.js";
import { type Address, parseAddress } from "../target/address.js";
import type { HostEnvironment, QuestionPacket, ReachQuestion } from "./packet-question.js";
import { protocolNumber } from "./protocol-names.js";

const ICMP = 1;
const ICMPV6 = 58;
const TTL = 64;
const MAX_LINES = 1_000_000;

/** What is wrong, in English; the small build of zod has no words of its own. */
const { localeError: englishWords } = en();

/** A text that one of our own readers understands. */
function readText<Value>(read: (text: string) => Value | undefined, what: string) {
  return z.pipe(
    z.string(),
    z.transform((text, context) => {
      const found = read(text);
      if (found !== undefined) return found;
      context.issues.push({ code: "custom", message: `${JSON.stringify(text)} is no ${what}`, input: text });
      return z.NEVER;
    }),
  );
}

function readNetwork(text: string): { readonly address: Address; readonly prefix: number } | undefined {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text === "default" ? "0.0.0.0/0" : text);
  const address = parseAddress(match?.[1] ?? "");
  const width = address?.family === 4 ? 32 : 128;
  const prefix = match?.[2] === undefined ? width : Number(match[2]);
  return address !== undefined && prefix <= width ? { address, prefix } : undefined;
}

const numberText = z.pipe(z.number(), z.transform(String));
const textOrNumber = z.union([z.string(), numberText]);
const address = readText(parseAddress, "address");
const network = readText(readNetwork, "address with a prefix length");
const protocol = z.pipe(textOrNumber, readText(protocolNumber, "protocol of IP"));
const flag = z.enum(["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"]);
const port = z.int().check(z.minimum(0), z.maximum(65_535));
const byte = z.int().check(z.minimum(0), z.maximum(255));
const name = z.string().check(z.minLength(1), z.maxLength(15));
const track = z.enum(["new", "established", "related", "invalid", "untracked"]);

const packet = z.strictObject({
  id: z._default(textOrNumber, ""),
  dir: z._default(z.enum(["in", "out"]), "in"),
  iif: z.optional(name),
  oif: z.optional(name),
  src: address,
  dst: address,
  proto: z.prefault(protocol, "tcp"),
  sport: z._default(port, 40_000),
  dport: z._default(port, 0),
  flags: z.optional(z.array(flag)),
  icmp_type: z.optional(byte),
  icmp_code: z._default(byte, 0),
  ct: z._default(track, "new"),
  ctdir: z._default(z.enum(["original", "reply"]), "original"),
  ttl: z._default(byte, TTL),
  dscp: z._default(z.int().check(z.minimum(0), z.maximum(63)), 0),
});

const environment = z.strictObject({
  ifaces: z._default(
    z.array(
      z.strictObject({
        name,
        index: z.optional(z.int()),
        addrs: z._default(z.array(network), []),
        route_localnet: z._default(z.boolean(), false),
      }),
    ),
    [],
  ),
  routes: z._default(z.array(z.strictObject({ dst: network, dev: name })), []),
  forward: z._default(z.boolean(), false),
});

const question = z.strictObject({
  iif: name,
  dst: z.optional(address),
  sport: z.optional(port),
  flags: z.optional(z.array(flag)),
  ct: z._default(track, "new"),
  protos: z.prefault(z.array(protocol), ["tcp", "udp"]),
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
    interfaces: ifaces.map(({ name: own, index, addrs, route_localnet: isRoutingLocalnet }) => ({
      name: own,
      ...(index === undefined ? {} : { index }),
      addresses: addrs,
      ...(isRoutingLocalnet ? { isRoutingLocalnet } : {}),
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

function check<Shape extends z.ZodMiniType>(shape: Shape, value: unknown, place: InputPlace): z.output<Shape> {
  const result = shape.safeParse(value, { error: englishWords });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new InputError(`${where}${issue?.message ?? "not understood"}`, place);
}
