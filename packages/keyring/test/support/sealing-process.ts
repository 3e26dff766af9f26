// A process of its own: it says "ready", waits for a word, seals for one context as fast as it can, and sends what it made.
import { aroundKek, type KekOperation, localKek } from "@letterlock/core";
import { createKeyring, fileKeyStore, type KeyStore, postgresKeyStore } from "../../src/index.ts";

export interface Assignment {
  /** Of the file store; or where PostgreSQL listens. */
  readonly folder?: string;
  readonly port?: number;
  /** Base64, of a KEK in memory that all processes share. */
  readonly secret: string;
  readonly messages: number;
  /** A new key after so many. */
  readonly messagesOfKey: number;
}

export interface Outcome {
  /** Base64. */
  readonly records: readonly string[];
  readonly calls: readonly KekOperation[];
}

export const sharedContext = { tenant: "acme" };

if (import.meta.filename === process.argv[1]) {
  const { promise: assigned, resolve: assign } = Promise.withResolvers<Assignment>();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  process.on("message", (word: Assignment | "go") => (word === "go" ? start() : assign(word)));
  const { folder, port, secret, messages, messagesOfKey } = await assigned;
  const { store, close } =
    port === undefined ? { store: fileKeyStore(folder ?? ""), close: async () => undefined } : await onPostgres(port);
  const calls: KekOperation[] = [];
  const kek = aroundKek(localKek({ name: "shared", secret: new Uint8Array(Buffer.from(secret, "base64")) }), (operation, _call, run) => {
    calls.push(operation);
    return run();
  });
  const policy = { memory: { maxAgeMs: 60_000, maxKeys: 10 }, newKeyAfter: { messages: messagesOfKey } };
  const ring = createKeyring({ keks: [kek], store, policy });
  process.send?.("ready");
  await started;
  const call = { context: sharedContext, aad: "" };
  const records = await Promise.all(Array.from({ length: messages }, (_, i) => ring.seal(new TextEncoder().encode(`message ${i}`), call)));
  ring[Symbol.dispose]();
  await close();
  const outcome: Outcome = { records: records.map((record) => Buffer.from(record).toString("base64")), calls };
  process.send?.(outcome, () => process.disconnect());
}

async function onPostgres(port: number): Promise<{ store: KeyStore; close: () => Promise<undefined> }> {
  const { default: pg } = await import("pg");
  const client = new pg.Pool({ host: "127.0.0.1", port, user: "postgres", max: 2 });
  return { store: postgresKeyStore({ client }), close: async () => void (await client.end()) };
}
