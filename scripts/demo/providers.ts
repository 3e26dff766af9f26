import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startFourServices } from "./four-services.ts";
import { letterlock, type Running } from "./letterlock.ts";

/** One folder sealed for four providers; one goes away, one rotates its key. */
export async function providersDemo(work: string, heading: (text: string) => void): Promise<void> {
  heading("7. AWS KMS, Google Cloud KMS, Azure Key Vault and Vault Transit, emulated in this process: one folder for all four");
  const services = await startFourServices(work);
  try {
    const { keks, env } = services;
    const names = new Map(Object.entries(keks).map(([name, uri]) => [uri, `$${name.toUpperCase()}_KEK`]));
    const running: Running = { env, show: 6, spelling: (word) => names.get(word) ?? word };
    const run = (...words: string[]) => letterlock(work, words, running);
    await mkdir(join(work, "letters"));
    for (const name of ["anna", "boris", "chiara"])
      await writeFile(join(work, "letters", `${name}.txt`), `Dear ${name}, this stays between us.\n`);
    const all = [keks.aws, keks.gcp, keks.azure, keks.vault];
    for (const [uri, name] of names) console.log(`${name}=${uri}`);
    await run("encrypt", "letters", "--to", ...all, "--context", "project=demo", "-o", "sealed-letters");
    await letterlock(work, ["inspect", "sealed-letters/anna.txt.ltrl"], { ...running, show: 20 });

    heading("8. AWS KMS goes away: the next in the list opens");
    await services.shutAwsDown();
    await run("decrypt", "sealed-letters", "--with", ...all, "--context", "project=demo", "-o", "opened-letters");

    heading("9. Google Cloud KMS rotates its key: refresh wraps the data keys again, the payloads stay");
    services.rotateGcp();
    await run("refresh", "sealed-letters", "--with", keks.gcp, "--context", "project=demo");
    await run("decrypt", "sealed-letters", "--with", keks.gcp, "--context", "project=demo", "-o", "opened-by-gcp");
  } finally {
    await services.close();
  }

  heading("10. The matrix: one KEK of each provider held to the conformance suite, every ordered pair, every outage of three");
  const main = join(import.meta.dirname, "..", "..", "test-harness", "matrix", "src", "main.ts");
  const { status } = spawnSync(process.execPath, ["--conditions=source", main, "--quick"], { stdio: ["ignore", "inherit", "ignore"] });
  if (status !== 0) throw new Error("the matrix is not clean");
}
