// Targets: what a rule of iptables does. iptables(8), "TARGETS"; iptables-extensions(8), "TARGET EXTENSIONS".
import { quote } from "../target/fault.js";
import { numberType } from "./data-type.js";
import type { Expression } from "./expression.js";
import { payload, underMask } from "./iptables-condition.js";
import { DSCP_CLASSES, TOS_NAMES } from "./iptables-dscp-names.js";
import { MARK_TARGETS, maskedWrite } from "./iptables-mark-target.js";
import { NAT_TARGETS } from "./iptables-nat-target.js";
import { rejectTarget } from "./iptables-reject.js";
import {
  type ExtensionReader,
  type GivenOption,
  type IptablesScope,
  onlyValue,
  optionNamed,
  together,
} from "./iptables-scope.js";
import { setTarget } from "./iptables-set-match.js";
import { constant, type Masked, maskedOf, numberOf } from "./iptables-values.js";
import { NotUnderstood } from "./not-understood.js";
import type { Statement } from "./statement.js";

const BYTE = numberType("integer", 8);
const DSCP = numberType("dscp", 6);
const ECN = numberType("ecn", 2);
const TCP_FLAG = numberType("tcp_flag", 8);
const ECE_AND_CWR = 0xc0;

function textOf(target: string, given: readonly GivenOption[]): string {
  return ["-j", target, ...given.flatMap(({ name, values }) => [name, ...values])].join(" ");
}

function noEffect(target: string, options: Readonly<Record<string, number>>): ExtensionReader {
  return together(options, (given) => [{ kind: "no-effect", text: textOf(target, given) }]);
}

function diversion(target: string, options: Readonly<Record<string, number>>): ExtensionReader {
  return together(options, (given) => [{ kind: "diversion", text: textOf(target, given) }]);
}

function ipField(field: string, { family }: IptablesScope) {
  return { kind: "payload", protocol: family === 4 ? "ip" : "ip6", field } as const;
}

const dscpTarget = together({ "--set-dscp": 1, "--set-dscp-class": 1 }, (given, scope) => {
  const [option] = given;
  if (option === undefined) throw new NotUnderstood("DSCP without a value");
  const text = onlyValue(option);
  const value = option.name === "--set-dscp" ? numberOf(text, 63) : DSCP_CLASSES.get(text.toUpperCase());
  if (value === undefined) throw new NotUnderstood(`the class ${quote(text)}`);
  return [{ kind: "set-field", field: ipField("dscp", scope), value: constant(value, value, DSCP) }];
});

const tosTarget = together(
  { "--set-tos": 1, "--and-tos": 1, "--or-tos": 1, "--xor-tos": 1 },
  (given, scope): readonly Statement[] => {
    const [option] = given;
    if (option === undefined) throw new NotUnderstood("TOS without a value");
    const field = ipField("tos", scope);
    const old = payload(field.protocol, "tos", BYTE);
    return [{ kind: "set-field", field, value: maskedWrite(old, tosBits(option), BYTE) }];
  },
);

/** What is cleared by the mask and then XORed with the value. */
function tosBits(option: GivenOption): Masked {
  const text = onlyValue(option);
  const named = TOS_NAMES.get(text.toLowerCase());
  switch (option.name) {
    case "--and-tos":
      return { value: 0, mask: ~numberOf(text, 255) & 255 };
    case "--or-tos":
      return { value: numberOf(text, 255), mask: numberOf(text, 255) };
    case "--xor-tos":
      return { value: numberOf(text, 255), mask: 0 };
    default:
      return named === undefined ? maskedOf(text, 255) : { value: named, mask: 0x3f };
  }
}

function hopsTarget(prefix: "ttl" | "hl", protocol: "ip" | "ip6", field: string): ExtensionReader {
  return together({ [`--${prefix}-set`]: 1, [`--${prefix}-inc`]: 1, [`--${prefix}-dec`]: 1 }, (given) => {
    const [option] = given;
    if (option === undefined) throw new NotUnderstood(`${prefix} without a value`);
    const number = numberOf(onlyValue(option), 255);
    const isSet = option.name.endsWith("-set");
    const value: Expression = isSet
      ? constant(number, number, BYTE)
      : { kind: "unknown", text: `${field} ${option.name.endsWith("-inc") ? "+" : "-"} ${number}` };
    return [{ kind: "set-field", field: { kind: "payload", protocol, field }, value }];
  });
}

const ecnTarget = together(
  { "--ecn-tcp-remove": 0, "--ecn-tcp-cwr": 1, "--ecn-tcp-ece": 1, "--ecn-ip-ect": 1 },
  (given): readonly Statement[] => {
    const ect = optionNamed(given, "--ecn-ip-ect");
    const flags = payload("tcp", "flags", TCP_FLAG);
    return [
      ...given
        .filter(({ name }) => name.startsWith("--ecn-tcp-"))
        .map((option): Statement => {
          const value: Expression =
            option.name === "--ecn-tcp-remove"
              ? underMask(flags, ~ECE_AND_CWR & 255, TCP_FLAG)
              : { kind: "unknown", text: `the flags of TCP after ${option.name}` };
          return { kind: "set-field", field: { kind: "payload", protocol: "tcp", field: "flags" }, value };
        }),
      ...(ect === undefined ? [] : [setEct(numberOf(onlyValue(ect), 3))]),
    ];
  },
);

function setEct(value: number): Statement {
  const field = { kind: "payload", protocol: "ip", field: "ecn" } as const;
  return { kind: "set-field", field, value: constant(value, value, ECN) };
}

const CT_OPTIONS = {
  "--notrack": 0,
  "--helper": 1,
  "--timeout": 1,
  "--ctevents": 1,
  "--expevents": 1,
  "--zone": 1,
  "--zone-orig": 1,
  "--zone-reply": 1,
};

const ctTarget = together(CT_OPTIONS, (given) =>
  optionNamed(given, "--notrack") === undefined
    ? [{ kind: "no-effect", text: textOf("CT", given) }]
    : [{ kind: "notrack" }],
);

const queue = together(
  {
    "--queue-num": 1,
    "--queue-balance": 1,
    "--queue-bypass": 0,
    "--queue-cpu-fanout": 0,
  },
  () => [{ kind: "verdict", verdict: { kind: "queue" } }],
);

/** By their names. */
export const TARGETS: ReadonlyMap<string, ExtensionReader> = new Map<string, ExtensionReader>([
  ...MARK_TARGETS,
  ...NAT_TARGETS,
  ["REJECT", rejectTarget],
  ["SET", setTarget],
  ["DSCP", dscpTarget],
  ["TOS", tosTarget],
  ["TTL", hopsTarget("ttl", "ip", "ttl")],
  ["HL", hopsTarget("hl", "ip6", "hoplimit")],
  ["ECN", ecnTarget],
  ["CT", ctTarget],
  ["NOTRACK", together({}, () => [{ kind: "notrack" }])],
  ["NFQUEUE", queue],
  [
    "LOG",
    noEffect("LOG", {
      "--log-level": 1,
      "--log-prefix": 1,
      "--log-tcp-sequence": 0,
      "--log-tcp-options": 0,
      "--log-ip-options": 0,
      "--log-uid": 0,
      "--log-macdecode": 0,
    }),
  ],
  [
    "NFLOG",
    noEffect("NFLOG", {
      "--nflog-group": 1,
      "--nflog-prefix": 1,
      "--nflog-range": 1,
      "--nflog-size": 1,
      "--nflog-threshold": 1,
    }),
  ],
  ["ULOG", noEffect("ULOG", { "--ulog-nlgroup": 1, "--ulog-prefix": 1, "--ulog-cprange": 1, "--ulog-qthreshold": 1 })],
  ["TRACE", noEffect("TRACE", {})],
  ["AUDIT", noEffect("AUDIT", { "--type": 1 })],
  ["CHECKSUM", noEffect("CHECKSUM", { "--checksum-fill": 0 })],
  ["CONNSECMARK", noEffect("CONNSECMARK", { "--save": 0, "--restore": 0 })],
  ["SECMARK", noEffect("SECMARK", { "--selctx": 1 })],
  ["IDLETIMER", noEffect("IDLETIMER", { "--timeout": 1, "--label": 1, "--alarm": 0 })],
  ["LED", noEffect("LED", { "--led-trigger-id": 1, "--led-delay": 1, "--led-always-blink": 0 })],
  ["RATEEST", noEffect("RATEEST", { "--rateest-name": 1, "--rateest-interval": 1, "--rateest-ewmalog": 1 })],
  ["TCPMSS", noEffect("TCPMSS", { "--set-mss": 1, "--clamp-mss-to-pmtu": 0 })],
  ["TCPOPTSTRIP", noEffect("TCPOPTSTRIP", { "--strip-options": 1 })],
  // A copy goes elsewhere; the packet itself goes on.
  ["TEE", noEffect("TEE", { "--gateway": 1, "--oif": 1 })],
  ["TPROXY", diversion("TPROXY", { "--on-port": 1, "--on-ip": 1, "--tproxy-mark": 1 })],
  ["SYNPROXY", diversion("SYNPROXY", { "--sack-perm": 0, "--timestamp": 0, "--wscale": 1, "--mss": 1, "--ecn": 0 })],
  [
    "CLUSTERIP",
    diversion("CLUSTERIP", {
      "--new": 0,
      "--hashmode": 1,
      "--clustermac": 1,
      "--total-nodes": 1,
      "--local-node": 1,
      "--hash-init": 1,
    }),
  ],
  ["DNPT", diversion("DNPT", { "--src-pfx": 1, "--dst-pfx": 1 })],
  ["SNPT", diversion("SNPT", { "--src-pfx": 1, "--dst-pfx": 1 })],
]);
