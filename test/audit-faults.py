# Sockets that are hard to plant otherwise, for test/audit.test.ts. Prints "ready" when all are there; ends with its input.
#   full PORT     a listening socket whose queue of connections is full: it is silent
#   nobody PORT   a listening socket that no process holds: it is on its way through another socket
#   gone PORT     held by a program whose file has been removed: this one, run from a copy
#   silent PORT   a UDP socket that never answers
#   held PORT     a TCP socket that takes what comes and keeps it
import array
import os
import socket
import sys
import threading

kept = []


def listener(port, backlog):
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("0.0.0.0", port))
    one.listen(backlog)
    return one


def full(port):
    kept.append(listener(port, 0))
    for _ in range(3):
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
        kept.append(one)


def nobody(port):
    one = listener(port, 5)
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    pair[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [one.fileno()]))])
    kept.extend(pair)
    one.close()


def gone(port):
    kept.append(listener(port, 5))


def silent(port):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("0.0.0.0", port))
    kept.append(one)


def held(port):
    one = listener(port, 5)

    def serve():
        while True:
            kept.append(one.accept()[0])

    threading.Thread(target=serve, daemon=True).start()


KINDS = {"full": full, "nobody": nobody, "gone": gone, "silent": silent, "held": held}
words = sys.argv[1:]
for kind, port in zip(words[::2], words[1::2]):
    KINDS[kind](int(port))
print("ready", flush=True)
sys.stdin.read()
os._exit(0)
