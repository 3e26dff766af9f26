import { runSteps } from "./step.ts";
import { api, build, deadCode, lint, size, tarballs, types, unit, unitOnNode22 } from "./steps.ts";

await runSteps([lint, types, build, unit, unitOnNode22, api, tarballs, size, deadCode]);
