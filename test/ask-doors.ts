// Runs inside the lab: asks port 6379 of the addresses that are named as if they were own ones, and tells what was asked.
import process from "node:process";
import { askDoors } from "../src/cli/inside/ask-doors.js";
import type { DoorProbe } from "../src/inside/door-answers.js";
import { parseAddress } from "../src/target/address.js";

const probes = process.argv.slice(2).flatMap((text): readonly DoorProbe[] => {
  const address = parseAddress(text);
  return address === undefined ? [] : [{ own: { address, interfaceName: "eth0", text }, protocol: "tcp", port: 6379 }];
});
const { results, faults } = await askDoors(probes);
process.stdout.write(JSON.stringify({ asked: [...results.keys()], faults }));
