// The program that is measured: the built one, as users start it.
import { fileURLToPath } from "node:url";

/** bin/postern of this tree. */
export const POSTERN_PROGRAM: string = fileURLToPath(new URL("../bin/postern", import.meta.url));
