import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { awsKms } from "@letterlock/aws-kms";
import type { Kek } from "@letterlock/core";
import { startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";

/** Where the migration happens: two emulated providers and a PostgreSQL, in this process, and a configuration that names them. */
export interface MigrationPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly database: PGlite;
  readonly keyArn: string;
  /** As the application has them. */
  readonly keks: { readonly aws: Kek; readonly vault: Kek };
  /** Requests of each operation since the last time that somebody asked. */
  takeCalls(): Calls;
  disableAws(): void;
  close(): Promise<void>;
}

/** By operation: the first two are of AWS KMS, the others of Vault. */
export type Calls = Readonly<Record<"GenerateDataKey" | "Decrypt" | "encrypt" | "decrypt", number>>;

export async function startMigrationPlace(folder: string): Promise<MigrationPlace> {
  const aws = await startAwsKms();
  const vault = await startVaultTransit();
  const keyArn = await aws.admin.createKey();
  vault.admin.createKey({ name: "app" });
  const database = await PGlite.create();
  const port = await freePort();
  const socket = new PGLiteSocketServer({ db: database, port });
  await socket.start();
  const credentials = { accessKeyId: "demo", secretAccessKey: "demo" };
  const kms = new KMSClient({ endpoint: aws.endpoint, region: "us-east-1", credentials });
  const transit = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken });
  const configuration = {
    keks: { aws: `aws-kms://${keyArn}`, vault: `vault-transit://${new URL(vault.endpoint).host}/transit/app?tls=false` },
    from: ["aws"],
    to: ["vault"],
    stores: {
      people: { type: "postgres", table: "app.people", column: "ssn", connections: 1 },
      letters: { type: "files", folder: "letters" },
    },
  };
  await writeFile(join(folder, "letterlock.config.json"), JSON.stringify(configuration, undefined, 2));
  return {
    env: {
      AWS_ENDPOINT_URL_KMS: aws.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_PROFILE: "",
      VAULT_ADDR: vault.endpoint,
      VAULT_TOKEN: vault.rootToken,
      ...{ PGHOST: "127.0.0.1", PGPORT: String(port), PGUSER: "postgres", PGPASSWORD: "postgres", PGDATABASE: "postgres" },
    },
    database,
    keyArn,
    keks: { aws: awsKms({ client: kms, keyArn }), vault: vaultTransit({ client: transit, keyName: "app", batch: true }) },
    takeCalls() {
      const made = [...aws.admin.takeRequests(), ...vault.admin.takeRequests()];
      const count = (wanted: string): number => made.filter(({ operation }) => operation === wanted).length;
      return { GenerateDataKey: count("GenerateDataKey"), Decrypt: count("Decrypt"), encrypt: count("encrypt"), decrypt: count("decrypt") };
    },
    disableAws: () => aws.admin.disableKey(keyArn),
    async close() {
      kms.destroy();
      await transit.close();
      await socket.stop();
      await database.close();
      await Promise.all([aws.close(), vault.close()]);
    },
  };
}

/** The server cannot tell which port it was given. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
