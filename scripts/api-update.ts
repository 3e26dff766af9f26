import { updateApi } from "./api-snapshot.ts";
import { command } from "./command.ts";

const built = await command("turbo", ["run", "build", "--filter=./packages/*", "--output-logs=errors-only"]);
if (built.ok) await updateApi();
else {
  console.log(built.output);
  process.exitCode = 1;
}
