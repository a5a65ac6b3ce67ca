// A conversation over UDP as a stream: each chunk that is written is a datagram, each datagram that comes is a chunk
// (node:dgram, connected: only what the other side sends comes in, and its ICMP errors).
import { createSocket, type Socket } from "node:dgram";
import { Duplex } from "node:stream";
import type { SourcePlace } from "../linux/bind-source.js";
import type { TransmitGuard } from "../linux/transmit-guard.js";
import { type Address, formatAddress } from "../target/address.js";

/** As nc has it: what is longer goes out as several. */
const DATAGRAM_BYTES = 16_384;

/** One port of one host. */
export class UdpStream extends Duplex {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    super({ highWaterMark: DATAGRAM_BYTES });
    this.#socket = socket;
    // A datagram that nobody has room for is lost, as on any UDP socket.
    socket.on("message", (bytes) => this.push(bytes));
    socket.on("error", (error) => this.destroy(error));
  }

  /**
   * Opens the socket. Nothing is sent.
   *
   * @throws ScopeError when the address may not be sent to; the system's error when the socket cannot come from there
   */
  static async open(guard: TransmitGuard, address: Address, port: number, source: SourcePlace): Promise<UdpStream> {
    const socket = createSocket(address.family === 4 ? "udp4" : "udp6");
    const host = source.address === undefined ? {} : { address: formatAddress(source.address) };
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ port: source.port, ...host }, resolve);
    });
    guard.checkAddress(address);
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(port, formatAddress(address), resolve);
    });
    socket.removeAllListeners("error");
    return new UdpStream(socket);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (chunk.length === 0) {
      done(); // nothing was said: an empty datagram would be something
      return;
    }
    const rest = chunk.subarray(DATAGRAM_BYTES);
    this.#socket.send(chunk.subarray(0, DATAGRAM_BYTES), (error) => {
      if (error !== null || rest.length === 0) done(error);
      else this._write(rest as Buffer, _encoding, done);
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.close();
    done(error);
  }
}
