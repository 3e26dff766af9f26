import { mkdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withWriterLock } from "../../src/writer-lock.ts";
import { connectAll } from "../support/postgres-connections.ts";
import type { Setup } from "./crash-setup.ts";

/** The application beside the migration: what it does to its own data, without the migration's code. */
export interface Application extends AsyncDisposable {
  fill(objects: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Only where `removes`. */
  put(id: string, object: Uint8Array): Promise<void>;
  remove(id: string): Promise<void>;
  readonly removes: boolean;
  /** What stands around the objects and was not there at the start, or is there no more. */
  damage(): Promise<readonly string[]>;
  /** The lock that every writer takes; undefined where there is none. */
  readonly lock: string | undefined;
}

export async function openApplication({ kind, place }: Setup): Promise<Application> {
  if (kind === "files") return files(place);
  return kind === "ndjson" ? lines(place) : await table(place);
}

function files(folder: string): Application {
  const lock = join(folder, ".letterlock-lock");
  const put = async (id: string, object: Uint8Array): Promise<void> => {
    const path = join(folder, id);
    await mkdir(dirname(path), { recursive: true });
    const beside = join(dirname(path), `.letterlock-draft-of-${basename(path)}`);
    await writeFile(beside, object);
    await rename(beside, path);
  };
  return {
    ...{ lock, put, removes: true, damage: async () => [] },
    async fill(objects) {
      for (const [id, object] of objects) await put(id, object);
    },
    remove: (id) => withWriterLock(lock, () => unlink(join(folder, id))),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Two objects in a line, numbers that no parser keeps, and lines long enough that a file takes time to write. */
function lines(file: string): Application {
  const filler = "x".repeat(40_000);
  let around = "";
  const withoutObjects = (text: string): string => text.replaceAll(/"ltrl[\w-]*"/g, '"@"');
  const never = (): never => {
    throw new Error("lines are not taken away");
  };
  return {
    ...{ removes: false, lock: join(dirname(file), ".lines.ndjson.letterlock-lock"), put: never, remove: never },
    async fill(objects) {
      const records = new Map<string, Record<string, unknown>>();
      for (const [id, object] of objects) {
        const [name = "", ...pointer] = id.split("/");
        const record = records.get(name) ?? { id: JSON.parse(name), n: "1e21", filler };
        const text = Buffer.from(object).toString();
        records.set(name, pointer[0] === "ssn" ? { ...record, ssn: text } : { ...record, more: { [pointer[1] ?? ""]: text } });
      }
      const text = [...records.values()].map((record) => `${JSON.stringify(record).replace('"1e21"', "1e21")}\n`).join("");
      around = withoutObjects(text);
      await writeFile(file, text);
    },
    damage: async () => (withoutObjects(await readFile(file, "utf8")) === around ? [] : ["what stands around the objects changed"]),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function table(address: string): Promise<Application> {
  const connection = await connectAll(address, 1);
  const keyOf = (id: string): unknown => (JSON.parse(id) as unknown[])[0];
  const put = async (id: string, object: Uint8Array): Promise<void> => {
    await connection.query("INSERT INTO users VALUES ($1, $2)", [keyOf(id), Buffer.from(object)]);
  };
  return {
    ...{ lock: undefined, put, removes: true, damage: async () => [] },
    async fill(objects) {
      await connection.query("DROP TABLE IF EXISTS users");
      await connection.query("CREATE TABLE users (id text PRIMARY KEY, ssn bytea)");
      for (const [id, object] of objects) await put(id, object);
    },
    async remove(id) {
      await connection.query("DELETE FROM users WHERE id = $1", [keyOf(id)]);
    },
    [Symbol.asyncDispose]: connection.end,
  };
}
