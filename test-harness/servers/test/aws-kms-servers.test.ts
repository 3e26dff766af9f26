import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, test } from "vitest";
import { requireServer } from "../src/available-servers.ts";
import { startLocalStack } from "../src/local-stack.ts";
import { startMoto } from "../src/moto.ts";
import { expectToLeaveNothing } from "./stopped.ts";

describe.each([
  ["LocalStack", "localstack", startLocalStack],
  ["moto", "moto", startMoto],
] as const)("%s", (_title, name, start) => {
  test.skipIf(!requireServer(name))("starts, serves the SDK and leaves nothing behind", { timeout: 120_000 }, async () => {
    await using server = await start();
    const client = new KMSClient({
      endpoint: server.endpoint,
      region: "eu-west-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.Arn;
    const Plaintext = Buffer.from("a secret of 32 bytes, more or less");
    const bound = { KeyId, EncryptionContext: { tenant: "acme" } };
    const { CiphertextBlob } = await client.send(new EncryptCommand({ ...bound, Plaintext }));
    const opened = await client.send(new DecryptCommand({ ...bound, CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? []).equals(Plaintext)).toBe(true);
    client.destroy();
    await expectToLeaveNothing(server);
  });
});
