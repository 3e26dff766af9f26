import { DisableKeyCommand, EnableKeyCommand, type KMSClient, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { startAwsKms } from "@letterlock/emulators";
import { awsClient } from "../src/aws-client.ts";
import { describeMove, type Move } from "../src/describe-move.ts";
import { describeRotation } from "../src/describe-rotation.ts";
import { startWireTap } from "../src/wire-tap.ts";

const region = "eu-west-1";

describeRotation("a key of AWS KMS", async (started) => {
  const aws = started.use(await startAwsKms());
  const tap = started.use(await startWireTap(aws.endpoint));
  const client = awsClient(tap.endpoint, region, started);
  const keyArn = await aws.admin.createKey({ region });
  return {
    kek: awsKms({ client, keyArn }),
    rotate: () => client.send(new RotateKeyOnDemandCommand({ KeyId: keyArn })),
    rewraps: true,
    operations: () => aws.admin.takeRequests().map(({ operation }) => operation),
    refreshAsks: ["DescribeKey", "ReEncrypt"],
    tap,
  };
});

describeMove("another key of the same account and region", async (started) => {
  const aws = started.use(await startAwsKms());
  const client = awsClient(aws.endpoint, region, started);
  const [from, to] = [await aws.admin.createKey({ region }), await aws.admin.createKey({ region })];
  return move(client, from, awsKms({ client, keyArn: to }), () => aws.admin.deleteKey(from));
});

describeMove("another region", async (started) => {
  const aws = started.use(await startAwsKms());
  const client = awsClient(aws.endpoint, region, started);
  const from = await aws.admin.createKey({ region });
  const to = awsKms({
    client: awsClient(aws.endpoint, "us-west-2", started),
    keyArn: await aws.admin.createKey({ region: "us-west-2" }),
  });
  return move(client, from, to, () => aws.admin.deleteKey(from));
});

describeMove("another account", async (started) => {
  const aws = started.use(await startAwsKms());
  const other = started.use(await startAwsKms({ account: "444455556666" }));
  const client = awsClient(aws.endpoint, region, started);
  const from = await aws.admin.createKey({ region });
  const to = awsKms({ client: awsClient(other.endpoint, region, started), keyArn: await other.admin.createKey({ region }) });
  return move(client, from, to, () => aws.admin.deleteKey(from));
});

function move(client: KMSClient, keyArn: string, to: Move["to"], remove: () => void): Move {
  return {
    from: awsKms({ client, keyArn }),
    to,
    disable: () => client.send(new DisableKeyCommand({ KeyId: keyArn })),
    enable: () => client.send(new EnableKeyCommand({ KeyId: keyArn })),
    remove,
  };
}
