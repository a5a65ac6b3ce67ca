// Asks for ports by python3 over there: a program of its standard library alone, given as input of the interpreter. It connects
// without waiting, so one process bears many probes, and it reads the ICMP errors that Linux keeps for a socket (ip(7)).
import { formatAddress } from "../target/address.js";
import type { UdpPayloads } from "../technique/udp-payloads.js";
import type { AskedPort } from "./vantage.js";

/** How ports are asked for. */
export interface ProbePlan {
  /** What its lines begin with. */
  readonly tag: string;
  readonly ports: readonly (readonly [number: number, port: AskedPort])[];
  /** Undefined where UDP is asked with empty datagrams. */
  readonly payloads: UdpPayloads | undefined;
  /** Probes a second; undefined for as many as fit. */
  readonly maxRate: number | undefined;
  /** Times that silence is asked again. */
  readonly retries: number;
}

/** Probes under way: below the 256 descriptors that the smallest systems give a process. */
const WIDTH = 64;
/** So long an answer may take, by try: the second one bears a SYN that the kernel repeats after a second. */
const WAIT_SEC: readonly number[] = [1, 1.9];
/**
 * Linux sends an asker one ICMP error a second when the first six are used up (ip-sysctl, icmp_ratelimit). So UDP that was
 * silent is asked again one port a second and host, unless that takes longer than this.
 */
const UDP_PATIENCE_SEC = 20;

/** The longest that it may take, in seconds. */
export function longestPythonSec({ ports, maxRate, retries }: ProbePlan): number {
  const tries = ports.length * (retries + 1);
  return (tries * 2) / WIDTH + tries / (maxRate ?? Number.POSITIVE_INFINITY) + (retries + 1) * (UDP_PATIENCE_SEC + 4);
}

/** The program, whole: what is cut off does nothing, because its last line starts it. */
export function pythonProgram(plan: ProbePlan): string {
  const payloads: string[] = [];
  const rows = plan.ports.map(([number, { address, protocol, port }]) => {
    const own = protocol === "udp" ? (plan.payloads?.payloadsOf(port) ?? []) : [];
    const places = own.map((payload) => placeOf(payloads, Buffer.from(payload).toString("hex")));
    return [number, protocol === "tcp" ? 1 : 0, address.family, formatAddress(address), port, places];
  });
  const facts = {
    tag: plan.tag,
    width: WIDTH,
    wait: WAIT_SEC,
    tries: plan.retries + 1,
    gap: plan.maxRate === undefined ? 0 : 1 / plan.maxRate,
    patience: UDP_PATIENCE_SEC,
    rows,
    payloads,
  };
  // Numbers, hex and addresses: no character of them ends a string of Python's.
  return `import json\nPLAN = json.loads('''${JSON.stringify(facts)}''')\n${PROGRAM}`;
}

function placeOf(list: string[], text: string): number {
  const known = list.indexOf(text);
  return known < 0 ? list.push(text) - 1 : known;
}

const PROGRAM = `import collections, errno, select, socket, struct, sys, time
WORDS = {errno.ECONNREFUSED: 'refused', errno.ECONNRESET: 'reset', errno.EHOSTUNREACH: 'host-unreach',
         errno.ENETUNREACH: 'net-unreach', errno.ETIMEDOUT: 'timed-out', errno.EPERM: 'not-permitted',
         errno.EACCES: 'prohibited'}
NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
IS_LINUX = sys.platform.startswith('linux')
ERROR_QUEUE = 0x2000 | 0x40

class Probe:
    def __init__(self, row):
        self.number, self.is_tcp, self.family, self.address, self.port, self.payloads = row
        self.tries = 0

def say(probe, word, icmp='-'):
    took = int((time.monotonic() - probe.sent) * 1e6)
    sys.stdout.write('%s a %d %s %d %d %s\\n' % (PLAN['tag'], probe.number, word, took, probe.tries, icmp))

def quoted(sock):
    try:
        _, parts, _, _ = sock.recvmsg(1, 512, ERROR_QUEUE)
    except (OSError, AttributeError):
        return '-'
    for level, kind, body in parts:
        if (level, kind) not in ((0, 11), (41, 25)) or len(body) < 32:
            continue
        origin, type_, code = struct.unpack_from('=4xBBB', body)
        if origin == 2:
            return '%d.%d@%s' % (type_, code, socket.inet_ntop(socket.AF_INET, body[20:24]))
        if origin == 3 and len(body) >= 40:
            return '%d.%d@%s' % (type_, code, socket.inet_ntop(socket.AF_INET6, body[24:40]))
    return '-'

def send(probe):
    family = socket.AF_INET if probe.family == 4 else socket.AF_INET6
    probe.sent = time.monotonic()
    probe.tries += 1
    sock = socket.socket(family, socket.SOCK_STREAM if probe.is_tcp else socket.SOCK_DGRAM)
    sock.setblocking(False)
    if IS_LINUX and (probe.family == 6 or not probe.is_tcp):
        sock.setsockopt(*((0, 11, 1) if probe.family == 4 else (41, 25, 1)))
    error = sock.connect_ex((probe.address, probe.port))
    if error == 0 and not probe.is_tcp:
        own = probe.payloads
        data = bytes.fromhex(PLAN['payloads'][own[(probe.tries - 1) % len(own)]]) if own else b''
        try:
            sock.send(data)
        except OSError as fault:
            error = fault.errno
    if error in (0, errno.EINPROGRESS):
        return sock
    sock.close()
    say(probe, 'no-route' if error in NO_ROUTE else WORDS.get(error, 'other'))
    return None

def settle_tcp(probe, sock):
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error == 0:
        try:
            is_own = sock.getsockname() == sock.getpeername()
        except OSError:
            is_own = False
        say(probe, 'refused' if is_own else 'open')
    else:
        say(probe, WORDS.get(error, 'other'), quoted(sock))
    return True

def settle_udp(probe, sock):
    icmp = quoted(sock) if IS_LINUX else '-'
    try:
        sock.recv(65535)
        say(probe, 'answer')
    except OSError as fault:
        if fault.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
            if icmp == '-':
                return False
            say(probe, 'other', icmp)
        else:
            say(probe, WORDS.get(fault.errno, 'other'), icmp)
    return True

class Lane:
    def __init__(self, probes, gap):
        self.todo, self.gap, self.next_send = collections.deque(probes), gap, time.monotonic()

def send_next(lane, under, order, poller, wait):
    now = time.monotonic()
    while lane.todo and len(under) < PLAN['width'] and now >= lane.next_send:
        probe = lane.todo.popleft()
        sock = send(probe)
        lane.next_send = max(lane.next_send, now - 1) + lane.gap
        if sock is not None:
            under[sock.fileno()] = (probe, sock)
            order.append((now + wait, sock.fileno(), probe))
            poller.register(sock, select.POLLOUT if probe.is_tcp else select.POLLIN)
        now = time.monotonic()

def ask(lanes, wait):
    under, order, silent, beat = {}, collections.deque(), [], time.monotonic()
    poller = select.poll()
    while under or any(lane.todo for lane in lanes):
        if time.monotonic() >= beat:
            sys.stdout.write('%s beat\\n' % PLAN['tag'])
            beat = time.monotonic() + 2
        for lane in lanes:
            send_next(lane, under, order, poller, wait)
        ends = [beat, order[0][0]] if order else [beat]
        if len(under) < PLAN['width']:
            ends += [lane.next_send for lane in lanes if lane.todo]
        sys.stdout.flush()
        for place, _ in poller.poll(max(0, min(ends) - time.monotonic()) * 1000 + 1):
            probe, sock = under[place]
            if (settle_tcp if probe.is_tcp else settle_udp)(probe, sock):
                poller.unregister(sock)
                del under[place]
                sock.close()
        now = time.monotonic()
        while order and order[0][0] <= now:
            _, place, probe = order.popleft()
            if place in under and under[place][0] is probe:
                sock = under.pop(place)[1]
                poller.unregister(sock)
                sock.close()
                silent.append(probe)
    return silent

def main():
    left = [Probe(row) for row in PLAN['rows']]
    for turn in range(PLAN['tries']):
        wait = PLAN['wait'][min(turn, len(PLAN['wait']) - 1)]
        tcp = [probe for probe in left if probe.is_tcp]
        udp = [probe for probe in left if not probe.is_tcp]
        hosts = max(1, len(set(probe.address for probe in udp)))
        slow = min(1.0, PLAN['patience'] / max(1, len(udp))) / hosts if turn > 0 else 0
        gap = PLAN['gap'] * (2 if tcp and udp else 1)
        left = ask([Lane(tcp, gap), Lane(udp, max(gap, slow))], wait)
    for probe in left:
        say(probe, 'silent')
    sys.stdout.write('%s end\\n' % PLAN['tag'])
    sys.stdout.flush()

main()
`;
