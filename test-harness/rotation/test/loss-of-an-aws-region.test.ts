import { awsKms } from "@letterlock/aws-kms";
import { startAwsKms } from "@letterlock/emulators";
import { awsClient } from "../src/aws-client.ts";
import { describeLoss, type TwoPlaces } from "../src/describe-loss.ts";
import { portOf, startLine } from "../src/line.ts";

const [home, away] = ["eu-west-1", "us-west-2"];

describeLoss("two regions of AWS with a multi-Region key", async (started) => {
  const aws = started.use(await startAwsKms());
  const primary = await aws.admin.createKey({ region: home, multiRegion: true });
  return { ...(await places(aws.endpoint, primary, aws.admin.replicateKey(primary, away), started)), oneKey: true };
});

describeLoss("two regions of AWS with a key each", async (started) => {
  const aws = started.use(await startAwsKms());
  return places(aws.endpoint, await aws.admin.createKey({ region: home }), await aws.admin.createKey({ region: away }), started);
});

/** One emulator is every region; the line is the way to one of them. */
async function places(endpoint: string, homeArn: string, awayArn: string, started: AsyncDisposableStack): Promise<TwoPlaces> {
  const line = started.use(await startLine(portOf(endpoint)));
  return {
    first: awsKms({ client: awsClient(`http://127.0.0.1:${line.port}`, home, started), keyArn: homeArn }),
    second: awsKms({ client: awsClient(endpoint, away, started), keyArn: awayArn }),
    line,
  };
}
