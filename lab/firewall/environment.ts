// The host of the firewall lab as `postern firewall test --env` is told of it.
import type { HostEnvironment } from "../../src/firewall/packet-question.js";
import { readEnvironment } from "../../src/firewall/read-questions.js";
import { FIREWALL_LINKS, FIREWALL_ROUTES } from "../topology.js";

const LOOPBACK = { name: "lo", index: 1, addresses: ["127.0.0.1/8", "::1/128"] };

/** The host with its links and routes. */
export const FIREWALL_ENVIRONMENT: HostEnvironment = readEnvironment(
  JSON.stringify({
    ifaces: [LOOPBACK, ...FIREWALL_LINKS].map(({ name, addresses }) => ({ name, addrs: addresses })),
    routes: FIREWALL_ROUTES.map(({ target, device }) => ({ dst: target, dev: device })),
    forward: true,
  }),
  "the lab",
);
