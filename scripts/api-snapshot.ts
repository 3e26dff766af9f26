import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { command, type Finished, root } from "./command.ts";
import { published } from "./published.ts";

/** One entry point of a package: its public declarations as they are built now, and the file that holds them as they were agreed. */
interface Snapshot {
  readonly file: string;
  readonly current: string;
}

/** Fails when the public declarations of a package differ from the committed ones. */
export async function compareApi(): Promise<Finished> {
  const outputs: string[] = [];
  for (const { file, current } of await snapshots()) {
    if (existsSync(file) && readFileSync(file, "utf8") === current) continue;
    const built = join(root, ".reports", relative(root, file));
    mkdirSync(dirname(built), { recursive: true });
    writeFileSync(built, current);
    const diff = existsSync(file) ? await command("git", ["diff", "--no-index", "--no-color", file, built]) : undefined;
    outputs.push(
      `The public declarations differ from ${relative(root, file)}.`,
      diff?.output ?? "There is no such file yet.",
      "If the change is meant: run `npm run api:update`, read the difference, and add a changeset with `npx pnpm@12 changeset`.\n",
    );
  }
  return { ok: outputs.length === 0, output: outputs.join("\n") };
}

export async function updateApi(): Promise<void> {
  for (const { file, current } of await snapshots()) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, current);
    console.log(`wrote ${relative(root, file)}`);
  }
}

async function snapshots(): Promise<Snapshot[]> {
  const all: Snapshot[] = [];
  for (const { directory, declarations } of published()) {
    for (const [subpath, types] of declarations) {
      const name = subpath === "." ? "index" : subpath.slice("./".length).replaceAll("/", "-");
      all.push({ file: join(directory, "api", `${name}.d.ts`), current: await bundle(join(directory, types)) });
    }
  }
  return all;
}

/** Only what can be reached from the entry point is in it, so a private declaration may change freely. */
async function bundle(input: string): Promise<string> {
  const built = await rolldown({
    input,
    plugins: [dts({ dtsInput: true, tsconfig: false, generator: "oxc" })],
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
    logLevel: "silent",
  });
  const { output } = await built.generate({ format: "es" });
  const code = output.map((file) => (file.type === "chunk" ? file.code : "")).join("\n");
  return `${code.replaceAll(/^\/\/#(region|endregion|\s*sourceMappingURL).*\n?/gm, "").trimEnd()}\n`;
}
