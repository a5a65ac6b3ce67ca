// Asks for ports by bash's /dev/tcp and /dev/udp (bash(1), REDIRECTION), or by one of the programs called nc, over there. A
// script of sh starts them and says in words of ours what they said; each probe is a process, so few run at a time.
import { formatAddress } from "../target/address.js";
import type { UdpPayloads } from "../technique/udp-payloads.js";
import type { ProbePlan } from "./python-prober.js";
import type { NcFlavour } from "./remote-means.js";

const WIDTH = 16;
const WAIT_SEC = 2;
/** bash writes what it prints line by line, and each write to the socket is a datagram. */
const LINE_FEED = 10;

/** The longest that it may take, in seconds. */
export function longestShellSec({ ports, maxRate, retries }: ProbePlan): number {
  const tries = ports.length * (retries + 1);
  return (tries * (WAIT_SEC + 3)) / Math.min(WIDTH, Math.max(1, maxRate ?? WIDTH)) + 30;
}

/** The script, whole: what is cut off does nothing, because its last line starts it. */
export function shellProgram(plan: ProbePlan, means: "bash" | NcFlavour): string {
  const { width, pauseSec } = paceOf(plan.maxRate);
  const calls = plan.ports.map(([number, { address, protocol, port }]) => {
    const payload = protocol === "udp" ? ` '${octal(plan.payloads, port)}'` : "";
    return `  p ${number} ${protocol} ${formatAddress(address)} ${port}${payload}`;
  });
  return `LC_ALL=C
export LC_ALL
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
count=0
${means === "bash" ? BASH : NC[means]}
word() {
  case "$1" in
    *'onnection refused'*) echo refused ;;
    *'o route to host'*) echo host-unreach ;;
    *'etwork is unreachable'*) echo net-unreach ;;
    *'reset by peer'*) echo reset ;;
    *'not permitted'*) echo not-permitted ;;
    *'ermission denied'*) echo prohibited ;;
    *'imed out'* | *TIMEOUT*) echo silent ;;
    *) echo other ;;
  esac
}
one() {
  try=1
  while :; do
    result=$("$2" "$3" "$4" "$5" </dev/null)
    [ "$result" = silent ] && [ "$try" -le ${plan.retries} ] || break
    try=$((try + 1))
  done
  printf '${plan.tag} a %s %s - %s -\\n' "$1" "$result" "$try"
}
p() {
  one "$@" &
  count=$((count + 1))
  [ "$count" -lt ${width} ] && return
  wait
  count=0
  ${pauseSec === 0 ? ":" : `sleep ${pauseSec}`}
}
main() {
${calls.join("\n")}
  wait
  echo '${plan.tag} end'
}
main
`;
}

/** So many at a time, and so long between: sleep(1) of POSIX knows whole seconds alone. */
function paceOf(maxRate: number | undefined): { readonly width: number; readonly pauseSec: number } {
  if (maxRate === undefined) return { width: WIDTH, pauseSec: 0 };
  const width = Math.min(WIDTH, Math.max(1, Math.floor(maxRate / 2)));
  return { width, pauseSec: Math.max(1, Math.ceil((width * 2) / maxRate)) };
}

/** As printf(1) takes it; a NUL where no question fits, since bash sends no empty datagram. */
function octal(payloads: UdpPayloads | undefined, port: number): string {
  const fit = payloads?.payloadsOf(port).find((payload) => payload.length > 0 && !payload.includes(LINE_FEED));
  return [...(fit ?? [0])].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

/** timeout(1) ends with 124; the one of busybox with what the signal makes of its program. */
const BASH = `tcp() {
  said=$(timeout ${WAIT_SEC} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1)
  case $? in
    0) echo open ;;
    124 | 137 | 143) echo silent ;;
    *) word "$said" ;;
  esac
}
udp() {
  said=$(timeout ${WAIT_SEC} bash -c 'exec 3<>"/dev/udp/$0/$1" && printf "$2" >&3 && exec dd bs=65536 count=1 <&3 2>&1 >/dev/null' "$1" "$2" "$3" 2>&1)
  case $? in
    0) echo answer ;;
    124 | 137 | 143) echo silent ;;
    *) word "$said" ;;
  esac
}`;

function zeroIo(program: string): string {
  return `tcp() {
  said=$(${program} -z -n -v -w ${WAIT_SEC} "$1" "$2" 2>&1) && echo open || word "$said"
}`;
}

/** UDP is not asked by them: what they call open is a port that has not refused so far. */
const NC: Readonly<Record<NcFlavour, string>> = {
  openbsd: zeroIo("nc"),
  traditional: zeroIo("nc"),
  ncat: zeroIo("$(command -v ncat || echo nc)"),
  // It waits until the other side closes: who is still there when the time for connecting is over has connected.
  busybox: `tcp() {
  said=$(timeout ${WAIT_SEC + 1} $(command -v nc || echo busybox nc) -w ${WAIT_SEC} "$1" "$2" 2>&1)
  case $? in
    0 | 124 | 137 | 143) echo open ;;
    *) word "$said" ;;
  esac
}`,
};
