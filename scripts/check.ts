import { runSteps } from "./step.ts";
import { api, build, deadCode, lint, size, tarballs, types, unit } from "./steps.ts";

await runSteps([lint, types, build, unit, api, tarballs, size, deadCode]);
