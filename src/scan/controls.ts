// Ports that have answered are asked again now and then, among the tries of ports that are silent. What becomes of these
// controls tells what is lost on the way at that very pace, where too little else answers to tell it.

/** In place of the slice of an earlier try: the probe is a control. */
export const CONTROL = -3;
/** Fewer ports than these are soon asked. */
const PORTS_WORTH = 64;
/** So many answering ports take turns. */
const PORTS_KEPT = 8;
/** One control in so many tries of silent ports: where nothing has been lost yet, and where something has. */
const RHYTHM = 64;
const RHYTHM_LOSSY = 16;

/** The ports of one track that may serve as controls. */
export class Controls {
  private readonly ports: number[] = [];
  private areOpen = true;
  private keptAt = 0;
  private turn = 0;

  /** Notes a port that has answered. Open ports serve only as long as there are no others: a service may count them. */
  add(port: number, isOpen: boolean): void {
    if (isOpen && !this.areOpen) return;
    if (!isOpen && this.areOpen) {
      this.areOpen = false;
      this.ports.length = 0;
    }
    this.ports[this.keptAt++ % PORTS_KEPT] = port;
    if (this.keptAt >= PORTS_KEPT) this.keptAt = 0;
  }

  /** To be asked before each try of a silent port: the port that is to be asked instead, or -1. */
  next(isLossy: boolean): number {
    this.turn++;
    if (this.ports.length === 0 || this.turn % (isLossy ? RHYTHM_LOSSY : RHYTHM) !== 0) return -1;
    return this.ports[(this.turn / RHYTHM_LOSSY) % this.ports.length] ?? -1;
  }
}

/** The controls of a track with so many ports, where they are worth it. */
export function controlsFor(portCount: number): Controls | undefined {
  return portCount >= PORTS_WORTH ? new Controls() : undefined;
}
