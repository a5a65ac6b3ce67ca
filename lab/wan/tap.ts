// A TAP device: each read() is one frame that was sent on that Ethernet link, each write() one that comes from it.
// Source: Linux Documentation/networking/tuntap.rst; <linux/if_tun.h>; ppoll(2).
import { readFileSync } from "node:fs";
import koffi from "koffi";

const O_RDWR_NONBLOCK = 0o4002;
const TUNSETIFF = 0x4004_54ca;
/** IFF_TAP | IFF_NO_PI: Ethernet frames, and nothing before them. */
const FLAGS = 0x1002;
/** struct ifreq: 16 bytes of name, then a union of 24. */
const REQUEST_BYTES = 40;
const NAME_BYTES_MAX = 15;
const POLLIN = 1;
const SCHED_FIFO = 1;
const EAGAIN = 11;
const EINTR = 4;
/** What an interface that goes away, or a frame that no memory was left for, may cost: that frame. */
const ENOBUFS = 105;
/** The place of "drop" among the transmit columns of /proc/net/dev: bytes, packets, errs, drop. */
const DROP_COLUMN = 11;

/** The device as the responder uses it. */
export interface Tap {
  /** One frame into the memory; 0 when there is none. */
  read(frame: Uint8Array): number;
  write(frame: Uint8Array, bytes: number): void;
  /** Sleeps until there is something to read, or for so long. */
  wait(mostUs: number): void;
  /** Sleeps for so long. */
  pause(us: number): void;
  /** Frames that found the device's queue full, ever. */
  missedCount(): number;
}

function fault(call: string): Error {
  return new Error(`wan: ${call}: errno ${koffi.errno()}`);
}

function readMissed(device: string): number {
  const line = readFileSync("/proc/self/net/dev", "latin1")
    .split("\n")
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${device}:`));
  const columns =
    line
      ?.slice(device.length + 1)
      .trim()
      .split(/\s+/) ?? [];
  return Number(columns[DROP_COLUMN] ?? 0);
}

/**
 * Lets this thread run before all ordinary ones of the machine, since a network is not slow because a scanner is busy.
 * Where that is not allowed (sched(7), RLIMIT_RTPRIO) it remains as busy as the others.
 */
export function takePrecedence(): void {
  const schedule = koffi.load(null).func("int sched_setscheduler(int, int, const void*)");
  schedule(0, SCHED_FIFO, Int32Array.of(1)); // struct sched_param: the lowest priority of its kind is enough
}

/** Attaches to the device of this name in this namespace. */
export function openTap(device: string): Tap {
  if (Buffer.byteLength(device) > NAME_BYTES_MAX) throw new Error(`wan: "${device}" is too long for an interface`);
  const library = koffi.load(null);
  const open = library.func("int open(const char*, int)");
  const ioctl = library.func("int ioctl(int, unsigned long, void*)");
  const read = library.func("int read(int, void*, size_t)");
  const write = library.func("int write(int, const void*, size_t)");
  const ppoll = library.func("int ppoll(void*, uint64, void*, void*)");
  const fd: number = open("/dev/net/tun", O_RDWR_NONBLOCK);
  if (fd < 0) throw fault("open /dev/net/tun");
  const request = new Uint8Array(REQUEST_BYTES);
  request.set(Buffer.from(device));
  new DataView(request.buffer).setUint16(16, FLAGS, true);
  if (ioctl(fd, TUNSETIFF, request) < 0) throw fault(`TUNSETIFF ${device}`);
  const entry = Int32Array.of(fd, POLLIN); // struct pollfd: int fd; short events, revents
  const timeout = new Int32Array(4); // struct timespec: two 64-bit words, small and little-endian
  const sleep = (entryCount: number, forUs: number): void => {
    const us = Math.max(0, Math.floor(forUs));
    timeout[0] = Math.floor(us / 1e6);
    timeout[2] = (us % 1e6) * 1000;
    ppoll(entry, entryCount, timeout, null);
  };
  return {
    read(frame) {
      const bytes: number = read(fd, frame, frame.length);
      if (bytes >= 0) return bytes;
      const errno = koffi.errno();
      if (errno === EAGAIN || errno === EINTR) return 0;
      throw fault(`read ${device}`);
    },
    write(frame, bytes) {
      if (write(fd, frame, bytes) >= 0) return;
      const errno = koffi.errno();
      if (errno !== EAGAIN && errno !== EINTR && errno !== ENOBUFS) throw fault(`write ${device}`);
    },
    wait: (mostUs) => sleep(1, mostUs),
    pause: (us) => sleep(0, us),
    missedCount: () => readMissed(device),
  };
}
