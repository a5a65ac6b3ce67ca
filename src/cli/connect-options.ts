// The options of `postern connect`, and its help. Letters are nc's where nc has them (nc(1) of OpenBSD).
import { UsageError } from "../model/errors.js";
import { parseAddress } from "../target/address.js";
import { quote } from "../target/fault.js";
import { PORT_MAX } from "../target/port-set.js";
import { PayloadReader } from "../technique/payload-notation.js";
import {
  type CommandUsage,
  commandHelp,
  commandUsageError,
  helpOption,
  parseCommandOptions,
} from "./command-options.js";
import type { ConnectSettings, TalkSettings, TlsSettings } from "./connect-settings.js";
import { flag, type Option } from "./option.js";
import { duration, listOf, needed, once, oneFile, wholeNumber } from "./option-value.js";

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

type Draft = Writable<Omit<ConnectSettings, "host" | "ports" | "talk" | "tls">> &
  Writable<TalkSettings> &
  Writable<TlsSettings> & { isTls: boolean };

const PROBE = "Probes";
const WAY = "From where to where";
const TALK = "Connections";
const TLS = "TLS";
const OTHER = "Other";

/** RFC 7301 §3.1: a protocol's name has at most so many bytes. */
const PROTOCOL_NAME_MAX = 255;

const PROBE_OPTIONS: readonly Option<Draft>[] = [
  flag(["-z", "--probe"], PROBE, "probe the ports and send nothing more; several ports may be named", (draft) => {
    draft.isProbe = true;
  }),
  flag(["-u", "--udp"], PROBE, "UDP instead of TCP", (draft) => {
    draft.isUdp = true;
  }),
  {
    names: ["--payload"],
    value: "BYTES",
    help: "what UDP probes carry, such as '00ff \"text\"' (data/README.md), instead of what the port's service answers",
    section: PROBE,
    apply(draft, value) {
      const payload = new PayloadReader().read(needed("--payload", value));
      if (typeof payload === "string") throw new UsageError(`--payload: ${payload}`);
      draft.payload = payload;
    },
  },
  {
    names: ["-w", "--wait"],
    value: "SECONDS",
    help: "how long to wait for an answer to a probe (default 5), or for a connection (default 20)",
    section: PROBE,
    apply(draft, value) {
      draft.timeoutMs = duration("-w", value, 1);
    },
  },
  flag(["-v", "--verbose"], PROBE, "say what came of it on standard error, as nc does; -vv says more", (draft) => {
    draft.verbosity++;
  }),
];

const WAY_OPTIONS: readonly Option<Draft>[] = [
  {
    names: ["-s", "--source"],
    value: "ADDRESS",
    help: "leave from this address of this machine",
    section: WAY,
    apply(draft, value) {
      const address = parseAddress(value);
      if (address === undefined) throw new UsageError(`-s needs an address, but was given ${quote(value)}`);
      draft.sourceAddress = address;
    },
  },
  {
    names: ["-p", "--source-port"],
    value: "PORT",
    help: "leave from this port",
    section: WAY,
    apply(draft, value) {
      draft.sourcePort = wholeNumber("-p", value, 1, PORT_MAX);
    },
  },
  flag(["-4"], WAY, "IPv4 only", (draft) => {
    draft.family = 4;
  }),
  flag(["-6"], WAY, "IPv6 only", (draft) => {
    draft.family = 6;
  }),
  flag(["-n", "--numeric"], WAY, "look up no name: HOST must be an address", (draft) => {
    draft.isNumeric = true;
  }),
  {
    names: ["--authorized"],
    value: "NETWORKS",
    help: "networks that may be connected to, besides private ones and this machine's own",
    section: WAY,
    apply(draft, value) {
      draft.authorized = [...draft.authorized, ...listOf("--authorized", "networks", value)];
    },
  },
];

const TALK_OPTIONS: readonly Option<Draft>[] = [
  flag(["-C", "--crlf"], TALK, "end lines with CR and LF", (draft) => {
    draft.isCrlf = true;
  }),
  flag(["-N", "--half-close"], TALK, "end our half of the connection where standard input ends", (draft) => {
    draft.isHalfClosing = true;
  }),
  {
    names: ["-q", "--quit"],
    value: "SECONDS",
    help: "end so long after standard input has ended",
    section: TALK,
    apply(draft, value) {
      draft.quitMs = duration("-q", value, 0);
    },
  },
  {
    names: ["--idle"],
    value: "SECONDS",
    help: "end when nothing has come or gone for so long",
    section: TALK,
    apply(draft, value) {
      draft.idleMs = duration("--idle", value, 1);
    },
  },
  flag(["--raw"], TALK, "send each key as it is typed", (draft) => {
    draft.isRaw = true;
  }),
  flag(["-t", "--telnet"], TALK, "speak telnet from the beginning, in a pipe, too", (draft) => {
    draft.isTelnet = true;
  }),
  flag(["--hex"], TALK, "show all bytes, both ways, in hexadecimal", (draft) => {
    draft.isHex = true;
  }),
];

const TLS_OPTIONS: readonly Option<Draft>[] = [
  flag(["--tls"], TLS, "speak TLS; the certificate is shown, and must be valid for HOST", (draft) => {
    draft.isTls = true;
  }),
  flag(["--insecure"], TLS, "go on with a certificate that is not to be trusted, and say why it is not", (draft) => {
    draft.isInsecure = true;
  }),
  {
    names: ["--servername"],
    value: "NAME",
    help: "the name to ask for and to check, instead of HOST",
    section: TLS,
    apply(draft, value) {
      draft.serverName = once("--servername", draft.serverName, value);
    },
  },
  {
    names: ["--ca"],
    value: "FILE",
    values: "file",
    help: "trust the authorities in this file (PEM) instead of the system's",
    section: TLS,
    apply(draft, value) {
      draft.authorityFile = oneFile("--ca", draft.authorityFile, value);
    },
  },
  {
    names: ["--alpn"],
    value: "PROTOCOLS",
    help: "protocols to offer, such as h2,http/1.1",
    section: TLS,
    apply(draft, value) {
      const names = listOf("--alpn", "protocols", value);
      const long = names.find((name) => Buffer.byteLength(name) > PROTOCOL_NAME_MAX);
      if (long !== undefined) throw new UsageError(`--alpn: ${quote(long)} is too long for the name of a protocol`);
      draft.protocols = names;
    },
  },
];

const USAGE: CommandUsage<Draft> = {
  name: "postern connect",
  synopsis: "[OPTION...] HOST PORT",
  about: [
    "Connects to a port and passes bytes both ways, from a terminal or in a pipe. In a terminal Ctrl-] leads to a prompt, as in " +
      "telnet.",
    "With -z it probes ports instead: postern connect -zv HOST 22 80 8000-8010. It says who refused, and claims nothing of a UDP " +
      "port that has not answered.",
  ],
  options: [...PROBE_OPTIONS, ...WAY_OPTIONS, ...TALK_OPTIONS, ...TLS_OPTIONS, helpOption(OTHER)],
  statuses:
    "0 all ports are open or the connection came to its end, 1 a port is not open or the connection failed, " +
    "2 the command line cannot be understood, 3 it could not be done",
};

function emptyDraft(): Draft {
  return {
    isHelp: false,
    isProbe: false,
    isUdp: false,
    verbosity: 0,
    timeoutMs: undefined,
    sourceAddress: undefined,
    sourcePort: 0,
    family: undefined,
    isNumeric: false,
    authorized: [],
    payload: undefined,
    isCrlf: false,
    isHalfClosing: false,
    quitMs: undefined,
    idleMs: undefined,
    isRaw: false,
    isTelnet: false,
    isHex: false,
    isTls: false,
    isInsecure: false,
    serverName: undefined,
    authorityFile: undefined,
    protocols: [],
  };
}

/**
 * Reads the words behind `postern connect`.
 *
 * @throws UsageError when they cannot be understood
 */
export function parseConnectArguments(words: readonly string[]): ConnectSettings {
  const draft = emptyDraft();
  const [host = "", ...ports] = parseCommandOptions(USAGE, words, draft);
  if (!draft.isHelp) check(draft, host, ports);
  const { isCrlf, isHalfClosing, quitMs, idleMs, isRaw, isTelnet, isHex, isTls, ...rest } = draft;
  const { isInsecure, serverName, authorityFile, protocols, ...way } = rest;
  return {
    ...way,
    host,
    ports,
    talk: { isCrlf, isHalfClosing, quitMs, idleMs, isRaw, isTelnet, isHex },
    tls: isTls ? { isInsecure, serverName, authorityFile, protocols } : undefined,
  };
}

/** Pairs of which one says that the other cannot be meant. */
const CONTRADICTIONS: readonly (readonly [isThere: (draft: Draft) => boolean, why: string])[] = [
  [({ isProbe, isTls }) => isProbe && isTls, "-z sends nothing to whoever answers, so it cannot speak TLS"],
  [({ isUdp, isTls }) => isUdp && isTls, "--tls is for TCP, and -u asks for UDP"],
  [({ isUdp, isTelnet }) => isUdp && isTelnet, "--telnet is for TCP, and -u asks for UDP"],
  [({ payload, isProbe, isUdp }) => payload !== undefined && !(isProbe && isUdp), "--payload is for -z -u"],
  [({ isTls, ...draft }) => !isTls && hasTlsOption(draft), "--insecure, --servername, --ca and --alpn are for --tls"],
];

function hasTlsOption({ isInsecure, serverName, authorityFile, protocols }: TlsSettings): boolean {
  return isInsecure || serverName !== undefined || authorityFile !== undefined || protocols.length > 0;
}

function check(draft: Draft, host: string, ports: readonly string[]): void {
  if (host === "" || ports.length === 0) {
    throw commandUsageError(
      USAGE,
      `postern connect needs a host and a port, and was given ${host === "" ? "neither" : "no port"}`,
    );
  }
  if (ports.length > 1 && !draft.isProbe) {
    throw commandUsageError(USAGE, "a connection has one port: to probe several, use -z");
  }
  const contradiction = CONTRADICTIONS.find(([isThere]) => isThere(draft));
  if (contradiction !== undefined) throw commandUsageError(USAGE, contradiction[1]);
}

/** The text of `postern connect --help`. */
export function connectHelp(columns: number): string {
  return commandHelp(USAGE, columns);
}
