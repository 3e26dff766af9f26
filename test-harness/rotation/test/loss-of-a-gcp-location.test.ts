import { KeyManagementServiceClient } from "@google-cloud/kms";
import { type GcpKmsEmulator, startGcpKms } from "@letterlock/emulators";
import { gcpKms } from "@letterlock/gcp-kms";
import { describeLoss } from "../src/describe-loss.ts";
import { portOf, startLine } from "../src/line.ts";

describeLoss("two locations of Cloud KMS", async (started) => {
  const [europe, america] = [started.use(await startGcpKms()), started.use(await startGcpKms())];
  const line = started.use(await startLine(portOf(europe.endpoint)));
  return {
    first: kekIn("europe-west1", europe, line.port, started),
    second: kekIn("us-east1", america, portOf(america.endpoint), started),
    line,
  };
});

function kekIn(location: string, gcp: GcpKmsEmulator, port: number, started: AsyncDisposableStack): ReturnType<typeof gcpKms> {
  const client = new KeyManagementServiceClient({ ...gcp.clientOptions, port });
  started.defer(() => client.close());
  const keyName = gcp.admin.createKey({ name: `projects/acme/locations/${location}/keyRings/app/cryptoKeys/orders` });
  return gcpKms({ client, keyName });
}
