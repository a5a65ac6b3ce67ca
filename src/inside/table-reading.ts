// What comes out of one of the kernel's tables.

/** The sockets of a table, and how many of its lines could not be understood. */
export interface TableReading<Socket> {
  readonly sockets: readonly Socket[];
  readonly faultCount: number;
}
