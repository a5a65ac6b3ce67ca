// Targets of the table nat: DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP. iptables-extensions(8); net/netfilter/xt_nat.c,
// xt_MASQUERADE.c, xt_REDIRECT.c, xt_NETMAP.c.
import { quote } from "../target/fault.js";
import type { Expression } from "./expression.js";
import { type ExtensionReader, onlyValue, optionNamed, together } from "./iptables-scope.js";
import { addressOf, addressType, constant, natPorts, networkOf, numberOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";

/** "[fd00::1-fd00::9]:80-90", each part of which may be missing. */
const BRACKETED = /^(?:\[([^\]]*)\])?(?::([^:]+))?$/;

interface NewEnd {
  readonly address?: Expression;
  readonly port?: Expression;
  readonly portBase?: number;
}

/** ADDRESS[-ADDRESS][:PORT[-PORT[/BASE]]]. @throws NotUnderstood */
function newEnd(text: string, family: 4 | 6): NewEnd {
  const [addresses, port] = splitEnd(text, family);
  return {
    ...(addresses === undefined ? {} : { address: addressRange(addresses, family) }),
    ...(port === undefined ? {} : portOf(port)),
  };
}

type EndParts = readonly [addresses: readonly string[] | undefined, port?: string];

function splitEnd(text: string, family: 4 | 6): EndParts {
  return family === 4 ? splitEnd4(text) : splitEnd6(text);
}

function splitEnd4(text: string): EndParts {
  const at = text.indexOf(":");
  if (at < 0) return [text.split("-")];
  return [at === 0 ? undefined : text.slice(0, at).split("-"), text.slice(at + 1)];
}

/** Brackets stand where a port follows. */
function splitEnd6(text: string): EndParts {
  const match = BRACKETED.exec(text);
  if (match === null) return [text.split("-")];
  const [, inner, port] = match;
  const addresses = inner?.split("-");
  return port === undefined ? [addresses] : [addresses, port];
}

function addressRange(ends: readonly string[], family: 4 | 6): Expression {
  const [low = "", high = low] = ends;
  if (ends.length > 2) throw new NotUnderstood(`the new addresses ${quote(ends.join("-"))}`);
  return constant(addressOf(low, family), addressOf(high, family), addressType(family));
}

/** PORTS[/BASE]. @throws NotUnderstood */
function portOf(text: string): Pick<NewEnd, "port" | "portBase"> {
  const [ports = "", base] = text.split("/");
  return { port: natPorts(ports), ...(base === undefined ? {} : { portBase: numberOf(base, 0xffff) }) };
}

const FLAGS = { "--random": 0, "--random-fully": 0, "--persistent": 0 };

function randomPort(given: readonly { readonly name: string }[]): { readonly isRandom?: boolean } {
  return given.some(({ name }) => name.startsWith("--random")) ? { isRandom: true } : {};
}

function natTarget(direction: "dnat" | "snat", option: "--to-destination" | "--to-source"): ExtensionReader {
  return together({ [option]: 1, ...FLAGS }, (given, { family }) => {
    const ends = given.filter(({ name }) => name === option);
    const [only] = ends;
    if (only === undefined || ends.length > 1) throw new NotUnderstood(`${ends.length} new addresses`);
    const end = newEnd(onlyValue(only), family);
    return [
      { kind: "nat", direction, family: family === 4 ? "ip" : "ip6", ...end, ...randomPort(given), isPrefix: false },
    ];
  });
}

function ownAddressTarget(direction: "masquerade" | "redirect"): ExtensionReader {
  return together({ "--to-ports": 1, ...FLAGS }, (given) => {
    const ports = optionNamed(given, "--to-ports");
    const port = ports === undefined ? {} : { port: natPorts(onlyValue(ports)) };
    return [{ kind: "nat", direction, ...port, ...randomPort(given), isPrefix: false }];
  });
}

const netmap = together({ "--to": 1 }, (given, { family, mapsDestination }) => {
  const option = optionNamed(given, "--to");
  const isDestination = mapsDestination();
  if (option === undefined) throw new NotUnderstood("NETMAP without a network");
  if (isDestination === undefined) throw new NotUnderstood("NETMAP in a chain of more than one kind");
  const { address, last } = networkOf(onlyValue(option), family);
  if (last === undefined) throw new NotUnderstood("NETMAP with a mask of its own kind");
  return [
    {
      kind: "nat",
      direction: isDestination ? "dnat" : "snat",
      family: family === 4 ? "ip" : "ip6",
      address: constant(address, last, addressType(family)),
      isPrefix: true,
    },
  ];
});

/** By their names. */
export const NAT_TARGETS: ReadonlyMap<string, ExtensionReader> = new Map([
  ["DNAT", natTarget("dnat", "--to-destination")],
  ["SNAT", natTarget("snat", "--to-source")],
  ["MASQUERADE", ownAddressTarget("masquerade")],
  ["REDIRECT", ownAddressTarget("redirect")],
  ["NETMAP", netmap],
]);
