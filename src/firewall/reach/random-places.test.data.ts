// The host that random rulesets stand on, and the addresses and ports that they are about.
import type { HostEnvironment } from "../packet-question.js";
import { plainAddress } from "../walk/walk-address.js";

export const OWN_IPV4 = 0x0a00_0001; // 10.0.0.1/24 on eth0
export const OWN_IPV6: bigint = (0x2001_0db8n << 96n) | 1n;

/** The host that the rulesets stand on: two links, one of which leads to containers. */
export const HOST: HostEnvironment = {
  interfaces: [
    { name: "lo", addresses: [] },
    {
      name: "eth0",
      addresses: [
        { address: plainAddress(OWN_IPV4), prefix: 24 },
        { address: plainAddress(OWN_IPV6), prefix: 64 },
      ],
    },
    {
      name: "docker0",
      addresses: [
        { address: plainAddress(0xac11_0001), prefix: 16 },
        { address: plainAddress((0xfd00n << 112n) | 1n), prefix: 64 },
      ],
    },
  ],
  routes: [
    { target: plainAddress(0), prefix: 0, device: "eth0" },
    { target: plainAddress(0n), prefix: 0, device: "eth0" },
  ],
  isForwarding: true,
};

/** Places where something may begin or end. */
export const IPV4_PLACES: readonly number[] = [
  0,
  0x0100_0000,
  0x0a00_0000,
  OWN_IPV4,
  0x0a00_0002,
  0x0a00_0080,
  0x0a00_0100,
  0x0a01_0000,
  0x7f00_0001,
  0xac11_0002,
  0xc0a8_0000,
  0xc0a8_0001,
  0xc0a8_00ff,
  0xc0a8_0100,
  0xe000_0000,
  0xffff_fffe,
  0xffff_ffff,
];
export const IPV6_PLACES: readonly bigint[] = [
  0n,
  1n,
  2n,
  0x2001_0db8n << 96n,
  OWN_IPV6,
  (0x2001_0db8n << 96n) | 0x100n,
  0x2001_0db9n << 96n,
  (0xfd00n << 112n) | 2n,
  0xfe80n << 112n,
  (0xfe80n << 112n) | 5n,
  0xff02n << 112n,
  (1n << 128n) - 1n,
];
export const PORT_PLACES: readonly number[] = [0, 1, 22, 53, 79, 80, 443, 1023, 1024, 8080, 32_768, 65_534, 65_535];
