// Matches on the extension headers of IPv6: frag, rt, hbh, dst, srh, ipv6header. ip6tables-extensions in
// iptables-extensions(8); net/ipv6/netfilter/ip6t_*.c of their names.
import { quote } from "../target/fault.js";
import { numberType, PROTOCOL } from "./data-type.js";
import {
  allOf,
  anyOf,
  fieldOf,
  hasHeader,
  isThereAnd,
  meta,
  rangeSet,
  unknownCondition,
} from "./iptables-condition.js";
import { type ExtensionReader, type GivenOption, onlyValue, optionNamed, together } from "./iptables-scope.js";
import { rangeConstant } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

const BYTE = numberType("integer", 8);
const ID = numberType("integer", 32);

function unknownOption({ name, isNegated, values }: GivenOption): Statement {
  return unknownCondition([...(isNegated ? ["!"] : []), name, ...values].join(" "));
}

/** A match that asks whether a header is there, and perhaps for some of its fields. */
function headerMatch(
  header: string,
  options: Readonly<Record<string, number>>,
  fields: Readonly<Record<string, string>> = {},
): ExtensionReader {
  const fieldNames = new Map(Object.entries(fields));
  const type = header === "frag" ? ID : BYTE;
  return together(options, (given) => [
    hasHeader(header),
    ...given.map((option) => {
      const field = fieldNames.get(option.name);
      if (field === undefined) return unknownOption(option);
      const left = fieldOf({ kind: "extension-header", name: header, field }, type);
      return isThereAnd(left, rangeConstant(onlyValue(option), type), option.isNegated);
    }),
  ]);
}

const frag = headerMatch(
  "frag",
  { "--fragid": 1, "--fraglen": 1, "--fragres": 0, "--fragfirst": 0, "--fragmore": 0, "--fraglast": 0 },
  { "--fragid": "id" },
);

const rt = headerMatch(
  "rt",
  {
    "--rt-type": 1,
    "--rt-segsleft": 1,
    "--rt-len": 1,
    "--rt-0-res": 0,
    "--rt-0-addrs": 1,
    "--rt-0-not-strict": 0,
  },
  { "--rt-type": "type", "--rt-segsleft": "seg-left" },
);

const hbh = headerMatch("hbh", { "--hbh-len": 1, "--hbh-opts": 1 });
const dst = headerMatch("dst", { "--dst-len": 1, "--dst-opts": 1 });

const srh = headerMatch("srh", {
  "--srh-next-hdr": 1,
  "--srh-hdr-len-eq": 1,
  "--srh-hdr-len-gt": 1,
  "--srh-hdr-len-lt": 1,
  "--srh-segs-left-eq": 1,
  "--srh-segs-left-gt": 1,
  "--srh-segs-left-lt": 1,
  "--srh-last-entry-eq": 1,
  "--srh-last-entry-gt": 1,
  "--srh-last-entry-lt": 1,
  "--srh-tag": 1,
  "--srh-psid": 1,
  "--srh-nsid": 1,
  "--srh-lsid": 1,
});

const NONE = 59;
const ESP = 50;
const AH = 51;

/** Headers of --header by all of their names; what they are is told from the numbers. */
const HEADER_NAMES: ReadonlyMap<string, string> = new Map([
  ...["hop", "hop-by-hop", "0"].map((name) => [name, "hbh"] as const),
  ...["dst", "ipv6-opts", "60"].map((name) => [name, "dst"] as const),
  ...["route", "ipv6-route", "43"].map((name) => [name, "rt"] as const),
  ...["frag", "ipv6-frag", "44"].map((name) => [name, "frag"] as const),
  ...["auth", "ah", "51"].map((name) => [name, "ah"] as const),
  ...["esp", "50"].map((name) => [name, "esp"] as const),
  ...["none", "ipv6-nonxt", "59"].map((name) => [name, "none"] as const),
  ...["prot", "protocol"].map((name) => [name, "prot"] as const),
]);
const HEADERS = ["hbh", "dst", "rt", "frag", "ah", "esp", "none", "prot"];

/** Whether a header is among those of the packet; "prot" is one that is no extension. */
function contains(header: string, isNegated: boolean): Statement {
  const protocol = meta("l4proto", PROTOCOL);
  switch (header) {
    case "none":
      return isThereAnd(protocol, rangeConstant(String(NONE), PROTOCOL), isNegated);
    case "esp":
      return isThereAnd(protocol, rangeConstant(String(ESP), PROTOCOL), isNegated);
    case "ah":
      return anyOf([isThereAnd(protocol, rangeConstant(String(AH), PROTOCOL), false), hasHeader("ah")], isNegated);
    case "prot":
      return isThereAnd(
        protocol,
        rangeSet(
          [NONE, ESP].map((number) => [number, number] as const),
          PROTOCOL,
        ),
        !isNegated,
      );
    default:
      return hasHeader(header, isNegated);
  }
}

const ipv6header = together({ "--header": 1, "--soft": 0 }, (given) => {
  const option = optionNamed(given, "--header");
  if (option === undefined) throw new NotUnderstood("ipv6header without headers");
  const wanted = new Set(
    onlyValue(option)
      .split(",")
      .map((name) => {
        const header = HEADER_NAMES.get(name);
        if (header === undefined) throw new NotUnderstood(`the header ${quote(name)}`);
        return header;
      }),
  );
  const isSoft = optionNamed(given, "--soft") !== undefined;
  const present = [...wanted].map((header) => contains(header, false));
  const absent = isSoft ? [] : HEADERS.filter((header) => !wanted.has(header)).map((header) => contains(header, true));
  return [allOf([...present, ...absent], option.isNegated)];
});

/** By their names. */
export const HEADER_MATCHES: ReadonlyMap<string, ExtensionReader> = new Map([
  ["frag", frag],
  ["rt", rt],
  ["hbh", hbh],
  ["dst", dst],
  ["srh", srh],
  ["ipv6header", ipv6header],
]);
