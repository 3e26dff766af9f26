import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { command, type Finished, root } from "./command.ts";
import { type Published, published } from "./published.ts";

/** Packs what users would install, and looks at the tarball as publint and are-the-types-wrong see it. */
export async function checkTarballs(): Promise<Finished> {
  const results = await Promise.all(published().map(checkTarball));
  return { ok: results.every((result) => result.ok), output: results.map((result) => result.output).join("\n") };
}

async function checkTarball({ name, directory, declarations }: Published): Promise<Finished> {
  const folder = join(root, ".reports", "tarballs", name.replaceAll(/\W+/g, "-"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const packed = await command("pnpm", ["pack", "--pack-destination", folder], directory);
  const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (!packed.ok || tarball === undefined) return { ok: false, output: `${name}\n${packed.output}` };
  const path = join(folder, tarball);
  const looks = [command("pnpm", ["run", "--silent", "publint", path])];
  if (declarations.size > 0) looks.push(command("pnpm", ["run", "--silent", "attw", path]));
  const results = await Promise.all(looks);
  return { ok: results.every((result) => result.ok), output: [name, ...results.map((result) => result.output)].join("\n") };
}
