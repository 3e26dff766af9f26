import { runSteps } from "./step.ts";
import { api, build, deadCode, lint, size, tarballs, thirdParties, types, unit, unitOnNode22 } from "./steps.ts";

// As CI sets it. Elsewhere the servers and clients that are installed are used, and the tests say what they left out.
const required = process.env.LETTERLOCK_SERVERS === "required";

await runSteps([...(required ? [thirdParties] : []), lint, types, build, unit, unitOnNode22, api, tarballs, size, deadCode]);
