import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { type RunningServer, requireServer, startLocalStack } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awsClient } from "../src/aws-client.ts";
import { describeMove, type Move } from "../src/describe-move.ts";
import { describeRotation } from "../src/describe-rotation.ts";
import { startWireTap } from "../src/wire-tap.ts";

const region = "eu-west-1";

describe.skipIf(!requireServer("localstack"))("on LocalStack", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startLocalStack();
  }, 120_000);
  afterAll(() => server.close(), 60_000);

  test("the key material has an id", { timeout: 60_000 }, async () => {
    await using started = new AsyncDisposableStack();
    const client = awsClient(server.endpoint, region, started);
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: await newKey(client) }));
    expect(KeyMetadata?.CurrentKeyMaterialId).toMatch(/^[0-9a-f]{64}$/);
  });

  describeRotation("a key of AWS KMS", async (started) => {
    const tap = started.use(await startWireTap(server.endpoint));
    const client = awsClient(tap.endpoint, region, started);
    const keyArn = await newKey(client);
    return {
      kek: awsKms({ client, keyArn }),
      rotate: () => client.send(new RotateKeyOnDemandCommand({ KeyId: keyArn })),
      rewraps: true,
      refreshAsks: ["DescribeKey", "ReEncrypt"],
      tap,
      tellsNoVersion: true,
    };
  });

  describeMove("another key of the same account and region", async (started) => {
    const { endpoint } = server;
    const client = awsClient(endpoint, region, started);
    return move(client, await newKey(client), awsKms({ client, keyArn: await newKey(client) }));
  });

  describeMove("another region", async (started) => {
    const { endpoint } = server;
    const client = awsClient(endpoint, region, started);
    const american = awsClient(endpoint, "us-west-2", started);
    return move(client, await newKey(client), awsKms({ client: american, keyArn: await newKey(american) }));
  });

  describeMove("another account", async (started) => {
    const { endpoint } = server;
    const client = awsClient(endpoint, region, started, "111122223333");
    const other = awsClient(endpoint, region, started, "444455556666");
    const [from, to] = [await newKey(client), await newKey(other)];
    expect([from, to].map((arn) => arn.split(":")[4])).toEqual(["111122223333", "444455556666"]);
    return move(client, from, awsKms({ client: other, keyArn: to }));
  });
});

async function newKey(client: KMSClient): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  if (KeyMetadata?.Arn === undefined) throw new Error("the server made a key and does not name it");
  return KeyMetadata.Arn;
}

function move(client: KMSClient, keyArn: string, to: Move["to"]): Move {
  return {
    from: awsKms({ client, keyArn }),
    to,
    disable: () => client.send(new DisableKeyCommand({ KeyId: keyArn })),
    enable: () => client.send(new EnableKeyCommand({ KeyId: keyArn })),
    remove: () => client.send(new ScheduleKeyDeletionCommand({ KeyId: keyArn, PendingWindowInDays: 7 })),
  };
}
