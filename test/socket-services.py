# What sockets.test.ts looks at: sockets of every kind, held in every way that processes hold sockets. Started in a network
# namespace of the lab, as `socket-services.py KIND…`. Says "ready" with what a test must know, as JSON, when all is there;
# ends with its standard input. Python, because it can make packet and raw sockets, and pass descriptors on.
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from random import Random

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
SYS_EXIT = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
SO_BINDTODEVICE = 25
IPPROTO_UDPLITE = 136
ETH_P_ALL = 3
ETH_P_ARP = 0x0806
KEPT = []  # what nobody closes before the end
CHILDREN = []
FORKED = []
FACTS = {"pid": os.getpid()}
FOLDER = tempfile.mkdtemp(prefix="postern-sockets-")


def inode(one):
    return os.fstat(one.fileno()).st_ino


def keep(*sockets):
    KEPT.extend(sockets)
    return sockets[0]


def bound(family, kind, address, protocol=0, device=None, only_v6=None):
    one = socket.socket(family, kind, protocol)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if only_v6 is not None:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_v6)
    if device is not None:
        one.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode())
    one.bind(address)
    if kind == socket.SOCK_STREAM:
        one.listen(16)
    return keep(one)


def start(words, holds):
    """Starts a program that has inherited these sockets."""
    descriptors = [one.fileno() for one in holds]
    dying = ["setpriv", "--pdeathsig", "KILL", *words]
    child = subprocess.Popen(dying, pass_fds=descriptors, stdin=subprocess.DEVNULL)
    CHILDREN.append(child)
    return child.pid


def fork(holds, work=lambda: None):
    """A child that holds these sockets alone, does its work and waits for its end; returns when the work is done."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        close_others([*holds, reader, writer])
        os.close(reader)
        work()
        os.write(writer, b"!")
        os.close(writer)
        while True:
            signal.pause()
    os.close(writer)
    os.read(reader, 1)
    os.close(reader)
    FORKED.append(pid)
    return pid


def close_others(holds):
    wanted = {one if isinstance(one, int) else one.fileno() for one in holds}
    for one in KEPT:
        if one.fileno() not in wanted:
            one.close()


def give_up(one):
    KEPT.remove(one)
    one.close()


def addresses(link):
    """Every way to stand at an address, for streams and for datagrams."""
    scope = socket.if_nametoindex(link["device"])
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        bound(socket.AF_INET, kind, ("0.0.0.0", 22001))
        bound(socket.AF_INET6, kind, ("::", 22002), only_v6=0)
        bound(socket.AF_INET6, kind, ("::", 22003), only_v6=1)
        bound(socket.AF_INET, kind, ("127.0.0.1", 22004))
        bound(socket.AF_INET6, kind, ("::1", 22005))
        bound(socket.AF_INET, kind, (link["ipv4"], 22006))
        bound(socket.AF_INET6, kind, (link["linkLocal"], 22007, 0, scope))
        bound(socket.AF_INET, kind, ("0.0.0.0", 22008), device=link["device"])
        bound(socket.AF_INET6, kind, ("::ffff:127.0.0.1", 22009), only_v6=0)
        bound(socket.AF_INET6, kind, (link["ipv6"], 22010))
    bound(socket.AF_INET, socket.SOCK_DGRAM, ("224.0.0.251", 22011))
    bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 22012), protocol=IPPROTO_UDPLITE)
    connected = bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 22013))
    connected.connect(("127.0.0.1", 22004))


def connections():
    """Connections in the states that last."""
    server = bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 22020))

    def pair():
        client = socket.create_connection(("127.0.0.1", 22020))
        return client, server.accept()[0]

    keep(*pair())  # established
    client, accepted = pair()
    keep(client, accepted)
    client.shutdown(socket.SHUT_WR)  # fin-wait-2, close-wait
    client, accepted = pair()
    client.close()
    accepted.close()  # time-wait
    keep(socket.create_connection(("127.0.0.1", 22020)))  # one that nobody accepts
    client, accepted = pair()
    keep(accepted)
    client.close()  # close-wait, and a fin-wait-2 that has nobody
    mapped = bound(socket.AF_INET6, socket.SOCK_STREAM, ("::", 22021), only_v6=0)
    client = keep(socket.create_connection(("127.0.0.1", 22021)))
    keep(mapped.accept()[0])  # IPv4 on a socket of IPv6


def other_kinds(link):
    keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
    keep(socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6))
    seer = keep(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)))
    seer.bind((link["device"], ETH_P_ALL))
    keep(socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ARP)))
    ping = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP))
    ping.bind(("0.0.0.0", 77))
    FACTS["ping"] = inode(ping)


def unix_sockets():
    def unix(kind, address):
        one = keep(socket.socket(socket.AF_UNIX, kind))
        one.bind(address)
        if kind != socket.SOCK_DGRAM:
            one.listen(8)
        return one

    unix(socket.SOCK_STREAM, f"{FOLDER}/stream")
    unix(socket.SOCK_SEQPACKET, f"{FOLDER}/seqpacket")
    log = unix(socket.SOCK_DGRAM, f"{FOLDER}/log")
    FACTS["log"] = inode(log)
    writer = keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    writer.connect(f"{FOLDER}/log")
    unix(socket.SOCK_STREAM, b"\0abstract\0name")
    odd = f"{FOLDER}/a\n\x1b[31mb\u202ec"
    FACTS["oddPath"] = [inode(unix(socket.SOCK_STREAM, odd)), odd]
    imitation = "\n0000000000000000: 00000002 00000000 00010000 0001 01     1 @imitation"
    FACTS["imitation"] = [inode(unix(socket.SOCK_STREAM, f"{FOLDER}/{imitation}")), f"{FOLDER}/{imitation}"]
    keep(*socket.socketpair())


def holders():
    """Sockets that do not belong to the process that has made them, or to a process like any other."""

    passed = listener(22030)  # passed on over a Unix socket
    ours, theirs = socket.socketpair()
    socket.send_fds(ours, [b"!"], [passed.fileno()])
    give_up(passed)
    FACTS["passed"] = fork([theirs], lambda: socket.recv_fds(theirs, 1, 1))
    ours.close()
    theirs.close()

    inherited = listener(22031)  # by a child that goes on under another program
    FACTS["heir"] = start(["sleep", "600"], [inherited])

    inner = listener(22032)  # by a process in a PID namespace of its own
    start(["unshare", "--pid", "--fork", "--kill-child", "sleep", "600"], [inner])
    give_up(inner)


def odd():
    """Processes that have names which nobody should show as they are, or no first thread."""

    unlinked = listener(22040)  # a program of an odd name that is gone from the disk
    program = f"{FOLDER}/o\n\x1b[2Jd) d"
    shutil.copy(shutil.which("sleep"), program)
    FACTS["unlinked"] = start([program, "600"], [unlinked])
    while os.readlink(f"/proc/{FACTS['unlinked']}/exe") != program:
        time.sleep(0.01)
    os.unlink(program)
    give_up(unlinked)

    def rename():
        with open("/proc/self/comm", "wb") as file:
            file.write(b"a) R\n\x1b]0;b\x07\xc2\x9b")

    named = listener(22041)
    FACTS["named"] = fork([named], rename)
    give_up(named)

    leaderless = listener(22042)
    FACTS["leaderless"] = fork_leaderless(leaderless)
    give_up(leaderless)


def listener(port):
    return bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port))


def fork_leaderless(holds):
    """A process whose first thread has ended, while another one goes on."""
    pid = os.fork()
    if pid == 0:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        close_others([holds])
        threading.Thread(target=threading.Event().wait).start()
        LIBC.syscall(SYS_EXIT, 0)
    while not is_zombie(pid):
        time.sleep(0.01)
    FORKED.append(pid)
    return pid


def is_zombie(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].startswith(" Z")


CHURN_CHILDREN = 24
CHURN_SECONDS_MAX = 60


def churn():
    """Children that come and go with their sockets, until standard input ends; then what each socket's life was."""
    records = tempfile.TemporaryFile()
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    reader, writer = os.pipe()
    random = Random(5)
    children = 0
    steady = 4  # these stay for the whole time
    deadline = time.monotonic() + CHURN_SECONDS_MAX
    print("ready {}", flush=True)
    while time.monotonic() < deadline and not stop.is_set():
        if children < CHURN_CHILDREN:
            seconds = random.choice([0.001, 0.01, 0.1, 3])
            if os.fork() == 0:
                os.close(writer)
                live(records.fileno(), lambda: os.read(reader, 1) if steady > 0 else time.sleep(seconds))
            steady -= 1
            children += 1
        else:
            time.sleep(0.002)
        while children > 0 and os.waitpid(-1, os.WNOHANG)[0] > 0:
            children -= 1
    os.close(writer)
    for _ in range(children):
        os.wait()
    records.seek(0)
    sys.stdout.buffer.write(records.read())


def live(records, wait):
    """One short life; the lines say: pid, inode, not there before, there from, there until, not there after (ns)."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    sockets = []
    for _ in range(3):
        born = time.monotonic_ns()
        one = socket.create_server(("127.0.0.1", 0))
        sockets.append([one, inode(one), born, time.monotonic_ns()])
    wait()
    lines = ""
    for one, number, born, there in sockets:
        until = time.monotonic_ns()
        one.close()
        lines += f"{os.getpid()} {number} {born} {there} {until} {time.monotonic_ns()}\n"
    os.write(records, lines.encode())
    os._exit(0)


def main():
    link = json.loads(sys.argv[1])
    KINDS = {
        "addresses": lambda: addresses(link),
        "connections": connections,
        "other": lambda: other_kinds(link),
        "unix": unix_sockets,
        "holders": holders,
        "odd": odd,
        "watched": lambda: listener(22050),
        "container": lambda: (bound(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 22060)), listener(22061)),
    }
    if sys.argv[2:] == ["churn"]:
        churn()
        shutil.rmtree(FOLDER)
        return
    for name in sys.argv[2:]:
        KINDS[name]()
    print("ready " + json.dumps(FACTS), flush=True)
    sys.stdin.read()
    for pid in FORKED:
        os.kill(pid, signal.SIGKILL)
    for child in CHILDREN:
        child.kill()
    shutil.rmtree(FOLDER)


main()
