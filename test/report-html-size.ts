// Writes the HTML report of as many hosts as the first word says, and throws it away; tells what that took as JSON.
import process from "node:process";
import { html } from "../src/report/html.js";
import { OPTIONS, office } from "../src/report/html-events.test.data.js";

const sink = html.open(OPTIONS);
let fileBytes = 0;
for (const event of office(Number(process.argv[2]))) fileBytes += Buffer.byteLength(sink(event));
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ fileBytes, peakBytes }));
