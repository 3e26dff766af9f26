import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { letterlock, workFolder } from "./letterlock-command.ts";

it.each([
  [[], "letterlock: SdkWarning: old\n"],
  [["--json"], '{"warning":"SdkWarning: old","name":"SdkWarning"}\n'],
  [["--quiet"], ""],
])("what libraries warn of keeps to the rules of the terminal, with %j", { timeout: 60_000 }, async (words, stderr) => {
  const folder = workFolder();
  await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
  writeFileSync(join(folder, "conf.mjs"), 'process.emitWarning("old", "SdkWarning"); export default { seal: ["local:dev.key"] };');
  expect(await letterlock(folder, ["encrypt", "dev.key", "--config", "conf.mjs", ...words])).toMatchObject({ status: 0, stderr });
});
