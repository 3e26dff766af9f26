import { goKit } from "./go-kit.ts";
import { pythonKit } from "./python-kit.ts";

/** Installs what `go.sum` and `requirements.txt` list. It fails when one of the languages is not there. */
for (const kit of [goKit, pythonKit]) {
  const started = performance.now();
  try {
    await kit.install();
    console.log(`clients in ${kit.language}: installed (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    console.error(`clients in ${kit.language}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
