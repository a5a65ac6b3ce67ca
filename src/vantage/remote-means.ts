// What another host has that ports can be asked for with, and the addresses that it asks from: looked at by one script of its
// own sh, which changes nothing and sends nothing.
import type { SshConnection, SshEnd } from "../linux/ssh-connection.js";
import { VERSION } from "../model/version.js";
import { type Address, formatAddress, parseAddress } from "../target/address.js";

/** A program over there that can ask. */
export type Means =
  | { readonly kind: "postern"; readonly version: string; readonly isRoot: boolean }
  | { readonly kind: "python3"; readonly program: string; readonly version: string }
  | { readonly kind: "bash" }
  | { readonly kind: "nc"; readonly flavour: NcFlavour };

/** The ncs are different programs. */
export type NcFlavour = "openbsd" | "traditional" | "ncat" | "busybox";

/** What was found. */
export interface RemoteMeans {
  /** In the order in which they are preferred. */
  readonly means: readonly Means[];
  /** By the text of a target: where packets to it come from; null where there is no way to it. Empty where nobody knows. */
  readonly sources: ReadonlyMap<string, Address | null>;
  /** The address at which it was reached by ssh. */
  readonly sshAddress: Address | undefined;
  readonly end: SshEnd;
}

/** Lines of the script that are read. */
const OUTPUT_BYTES_MAX = 1 << 20;
const TIMEOUT_MS = 20_000;

/** Looks what there is. */
export async function findMeans(
  connection: SshConnection,
  targets: readonly Address[],
  tag: string,
  signal: AbortSignal,
): Promise<RemoteMeans> {
  const { lines, end } = await connection.read(scriptOf(targets, tag), {
    timeoutMs: TIMEOUT_MS,
    idleMs: TIMEOUT_MS,
    outputBytesMax: OUTPUT_BYTES_MAX,
    signal,
  });
  const told = lines.flatMap((line) => (line.startsWith(`${tag} `) ? [line.slice(tag.length + 1).trim()] : []));
  const isRoot = told.includes("uid 0");
  const found = told.flatMap((line) => meansIn(line, isRoot));
  const kinds: readonly Means["kind"][] = ["postern", "python3", "bash", "nc"];
  return {
    means: kinds.flatMap((kind) => found.find((one) => one.kind === kind) ?? []),
    sources: new Map(told.flatMap((line) => sourceIn(line, targets))),
    sshAddress: told.flatMap((line) => parseAddress(/^here ([0-9A-Fa-f.:]{2,45})$/.exec(line)?.[1] ?? "") ?? [])[0],
    end,
  };
}

function meansIn(line: string, isRoot: boolean): readonly Means[] {
  const [, word, one = "", other = ""] = /^(postern|python3|bash|nc) (\S{1,40})(?: (\S{1,40}))?$/.exec(line) ?? [];
  switch (word) {
    case "postern":
      return isCompatible(one) ? [{ kind: "postern", version: one, isRoot }] : [];
    case "python3": {
      const program = PYTHONS.find((known) => known === one);
      return program === undefined || !isPython(other) ? [] : [{ kind: "python3", program, version: other }];
    }
    case "bash":
      return [{ kind: "bash" }];
    case "nc": {
      const flavour = FLAVOURS.find((known) => known === one);
      return flavour === undefined ? [] : [{ kind: "nc", flavour }];
    }
    default:
      return [];
  }
}

const PYTHONS = ["python3", "/usr/libexec/platform-python"] as const;
const FLAVOURS: readonly NcFlavour[] = ["openbsd", "traditional", "ncat", "busybox"];

/** Below 1.0.0 the second number is what promises that nothing has changed (semver.org, 4). */
function isCompatible(version: string): boolean {
  const [theirs, ours] = [version, VERSION].map((text) => /^(\d{1,4})\.(\d{1,4})\.\d{1,4}$/.exec(text));
  return theirs !== null && theirs?.[1] === ours?.[1] && (theirs?.[1] !== "0" || theirs?.[2] === ours?.[2]);
}

/** -I is there since 3.4. */
function isPython(version: string): boolean {
  const match = /^3\.(\d{1,3})$/.exec(version);
  return match !== null && Number(match[1]) >= 4;
}

function sourceIn(line: string, targets: readonly Address[]): readonly (readonly [string, Address | null])[] {
  const [, number, text = ""] = /^from (\d{1,3}) ([0-9A-Fa-f.:]{2,45}|none)$/.exec(line) ?? [];
  const target = targets[Number(number)];
  if (number === undefined || target === undefined) return [];
  const source = text === "none" ? null : parseAddress(text);
  return source === undefined ? [] : [[formatAddress(target), source] as const];
}

/** A UDP socket that is connected sends nothing, and knows where it would send from. bash opens no connection to a port that has no number, and says so only where it knows /dev/tcp at all. */
function scriptOf(targets: readonly Address[], tag: string): string {
  return `LC_ALL=C
export LC_ALL
python='import select, socket, struct, sys
print("%d.%d" % sys.version_info[:2])'
sources='import errno, socket, sys
for number, target in enumerate(sys.argv[1:]):
    sock = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.connect((target, 9))
        print("${tag} from", number, sock.getsockname()[0])
    except OSError as fault:
        if fault.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            print("${tag} from", number, "none")'
has() { command -v "$1" >/dev/null 2>&1; }
say() { printf '%s %s\\n' '${tag}' "$*"; }
flavour() {
  case "$("$@" -h </dev/null 2>&1)" in
    *OpenBSD*) say nc openbsd ;;
    *Ncat*) say nc ncat ;;
    *BusyBox*) timeout 1 true 2>/dev/null && say nc busybox ;;
    *'[v1.1'*) say nc traditional ;;
  esac
}
from() {
  route=$(ip -o route get "$2" </dev/null 2>&1)
  case "$route" in
    *' src '*) route=\${route#* src }; say from "$1" "\${route%% *}" ;;
    *unreachable*) say from "$1" none ;;
  esac
}
main() {
  set -- $SSH_CONNECTION
  say here "$3"
  say uid "$(id -u)"
  for one in ${PYTHONS.join(" ")}; do
    version=$("$one" -I -S -B -c "$python" </dev/null 2>/dev/null) && say python3 "$one" "$version" && break
    version=
  done
  PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
  has postern && say postern "$(postern --version </dev/null 2>/dev/null | sed -n 's/^postern \\([0-9.]*\\),.*/\\1/p')"
  if has bash && timeout 1 true 2>/dev/null; then
    case "$(bash -c 'exec 3<>/dev/tcp/127.0.0.1/no-port' </dev/null 2>&1)" in
      *'No such file'*) ;;
      *) say bash /dev/tcp ;;
    esac
  fi
  if has nc; then flavour nc; elif has ncat; then flavour ncat; elif has busybox; then flavour busybox nc; fi
  if has ip; then
    :
${targets.map((target, number) => `    from ${number} ${formatAddress(target)}`).join("\n")}
  elif [ -n "$version" ]; then
    "$one" -I -S -B -c "$sources" ${targets.map(formatAddress).join(" ")} </dev/null 2>/dev/null
  fi
}
main
`;
}
