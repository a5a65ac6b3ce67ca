// Numbers of ordinary sockets (include/linux/socket.h, include/uapi/asm-generic/socket.h; socket(2), socket(7)).

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_SEQPACKET = 5;
/** Flag of the type: not for programs that are started (always set here: postern starts some). */
export const SOCK_CLOEXEC = 0x80000;
/** Flags of a socket's type: it never waits, and programs that this one starts do not get it. */
export const SOCK_NONBLOCK_CLOEXEC: number = 0o4000 | SOCK_CLOEXEC;
export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const MSG_DONTWAIT = 0x40;
/** Level of the options of IPv6 (ipv6(7)). */
export const IPPROTO_IPV6 = 41;
