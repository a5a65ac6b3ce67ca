// Matches that hang on more than the packet: rates, counts, lists, chance, clocks. What they answer for the first packet
// follows from the kernel: net/netfilter/xt_limit.c, xt_hashlimit.c, xt_recent.c, xt_connlimit.c, xt_quota.c, xt_statistic.c,
// xt_connbytes.c, xt_time.c. iptables-extensions(8).
import { type ExtensionReader, type GivenOption, onlyValue, optionNamed, together } from "./iptables-scope.js";
import { numberOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

function budget(
  match: string,
  given: readonly GivenOption[],
  first: boolean | undefined,
  why: string,
): readonly Statement[] {
  const options = given.map(({ name, isNegated, values }) => [...(isNegated ? ["!"] : []), name, ...values].join(" "));
  return [{ kind: "budget", text: ["-m", match, ...options].join(" "), first, why }];
}

const limit = together({ "--limit": 1, "--limit-burst": 1 }, (given) => {
  if (given.some(({ isNegated }) => isNegated)) throw new NotUnderstood("a negated limit");
  return budget("limit", given, true, "how many packets have come before");
});

const hashlimit = together(
  {
    "--hashlimit": 1,
    "--hashlimit-upto": 1,
    "--hashlimit-above": 1,
    "--hashlimit-burst": 1,
    "--hashlimit-mode": 1,
    "--hashlimit-name": 1,
    "--hashlimit-srcmask": 1,
    "--hashlimit-dstmask": 1,
    "--hashlimit-htable-size": 1,
    "--hashlimit-htable-max": 1,
    "--hashlimit-htable-expire": 1,
    "--hashlimit-htable-gcinterval": 1,
    "--hashlimit-rate-match": 0,
    "--hashlimit-rate-interval": 1,
  },
  (given) => {
    const above = optionNamed(given, "--hashlimit-above");
    const upTo = optionNamed(given, "--hashlimit-upto") ?? optionNamed(given, "--hashlimit");
    if (above === undefined && upTo === undefined) throw new NotUnderstood("a hashlimit without a rate");
    const isUpTo = above === undefined ? upTo?.isNegated === false : above.isNegated;
    return budget("hashlimit", given, isUpTo, "how many packets of its kind have come before");
  },
);

/**
 * --set always holds. The others ask a list that no listing of rules shows; with --hitcount from 2 on they do not hold for a
 * source that has not been here before, since --set in the same rules has counted it once at most.
 */
const recent = together(
  {
    "--set": 0,
    "--rcheck": 0,
    "--update": 0,
    "--remove": 0,
    "--seconds": 1,
    "--reap": 0,
    "--hitcount": 1,
    "--rttl": 0,
    "--name": 1,
    "--rsource": 0,
    "--rdest": 0,
    "--mask": 1,
  },
  (given) => {
    const order = given.find(({ name }) => ["--set", "--rcheck", "--update", "--remove"].includes(name));
    if (order === undefined) throw new NotUnderstood("a match of recent that neither sets nor checks");
    if (order.name === "--set") return budget("recent", given, !order.isNegated, "it adds to a list");
    const hits = optionNamed(given, "--hitcount");
    const isRate = hits !== undefined && order.name !== "--remove" && numberOf(onlyValue(hits), 255) >= 2;
    return budget("recent", given, isRate ? order.isNegated : undefined, "what its list of recent addresses holds");
  },
);

const connlimit = together(
  {
    "--connlimit-upto": 1,
    "--connlimit-above": 1,
    "--connlimit-mask": 1,
    "--connlimit-saddr": 0,
    "--connlimit-daddr": 0,
  },
  (given) => {
    const above = optionNamed(given, "--connlimit-above");
    const bound = above ?? optionNamed(given, "--connlimit-upto");
    if (bound === undefined) throw new NotUnderstood("a connlimit without a number");
    const isAbove = 1 > numberOf(onlyValue(bound), 0xffff_ffff);
    const first = (above === undefined ? !isAbove : isAbove) !== bound.isNegated;
    return budget("connlimit", given, first, "how many connections there are");
  },
);

/** A quota that is larger than any packet has room for the first one. */
const PACKET_BYTES_MAX = 65_535;

const quota = together({ "--quota": 1 }, (given) => {
  const option = optionNamed(given, "--quota");
  const bytes = Number(option?.values[0]);
  if (option === undefined || !(bytes >= 0)) throw new NotUnderstood("a quota without a number");
  const hasRoom = bytes === 0 ? false : bytes >= PACKET_BYTES_MAX ? true : undefined;
  const first = hasRoom === undefined ? undefined : hasRoom !== option.isNegated;
  return budget("quota", given, first, "how many bytes are left of it");
});

const statistic = together({ "--mode": 1, "--probability": 1, "--every": 1, "--packet": 1 }, (given) => {
  const probability = optionNamed(given, "--probability");
  if (probability !== undefined) {
    const chance = Number(probability.values[0]);
    const isSure = chance === 0 || chance === 1;
    return budget("statistic", given, isSure ? (chance === 1) !== probability.isNegated : undefined, "chance");
  }
  const every = optionNamed(given, "--every");
  if (every === undefined) throw new NotUnderstood("a statistic of no known mode");
  const packet = optionNamed(given, "--packet");
  // The counter starts so that packet number --packet is the first to match.
  const isFirst = packet === undefined || numberOf(onlyValue(packet), 0xffff_ffff) === 0;
  return budget("statistic", given, isFirst !== every.isNegated, "how many packets have come by");
});

function open(match: string, options: Readonly<Record<string, number>>, why: string): ExtensionReader {
  return together(options, (given) => budget(match, given, undefined, why));
}

const time = open(
  "time",
  {
    "--datestart": 1,
    "--datestop": 1,
    "--timestart": 1,
    "--timestop": 1,
    "--monthdays": 1,
    "--weekdays": 1,
    "--kerneltz": 0,
    "--contiguous": 0,
    "--utc": 0,
    "--localtz": 0,
  },
  "what time it is",
);

const connbytes = open(
  "connbytes",
  { "--connbytes": 1, "--connbytes-dir": 1, "--connbytes-mode": 1 },
  "how much the connection has carried",
);

const rateest = open(
  "rateest",
  {
    "--rateest": 1,
    "--rateest1": 1,
    "--rateest2": 1,
    "--rateest-delta": 0,
    "--rateest-lt": 0,
    "--rateest-gt": 0,
    "--rateest-eq": 0,
    "--rateest-bps": 1,
    "--rateest-pps": 1,
    "--rateest-bps1": 1,
    "--rateest-pps1": 1,
    "--rateest-bps2": 1,
    "--rateest-pps2": 1,
  },
  "a rate that the kernel estimates",
);

const nfacct = open("nfacct", { "--nfacct-name": 1 }, "whether the accounting object has a quota");

/** By their names. */
export const BUDGET_MATCHES: ReadonlyMap<string, ExtensionReader> = new Map([
  ["limit", limit],
  ["hashlimit", hashlimit],
  ["recent", recent],
  ["connlimit", connlimit],
  ["quota", quota],
  ["statistic", statistic],
  ["time", time],
  ["connbytes", connbytes],
  ["rateest", rateest],
  ["nfacct", nfacct],
]);
