// Numbers of ordinary sockets (include/uapi/asm-generic/socket.h; socket(7)).

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
