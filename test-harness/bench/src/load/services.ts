import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import type { Kek } from "@letterlock/core";
import { type Emulator, type EmulatorAdmin, startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { type QuotaFront, startQuotaFront } from "./quota-front.ts";

/** A provider as a production system meets it: with latency, a quota, and outages. */
export interface Service extends AsyncDisposable {
  readonly front: QuotaFront;
  readonly kek: Kek;
  /** The ARN for AWS. */
  readonly keyRef: string;
  /** Emulators keep what they were asked; here nobody reads it. */
  forgetRequests(): void;
}

export interface Conditions {
  readonly latencyMs: number;
  readonly perSecond: number;
}

export const region = "us-east-1";
export const credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } = {
  accessKeyId: "bench",
  secretAccessKey: "bench",
};

export async function startAws(conditions: Conditions): Promise<Service> {
  return await started(conditions, startAwsKms, async (aws, front) => {
    const client = new KMSClient({ endpoint: front.endpoint, region, credentials, maxAttempts: 1 });
    const keyArn = await aws.admin.createKey({ region });
    return { kek: awsKms({ client, keyArn }), end: () => client.destroy() };
  });
}

export async function startVault(conditions: Conditions): Promise<Service> {
  return await started(conditions, startVaultTransit, async (vault, front) => {
    vault.admin.createKey({ name: "bench" });
    const client = vaultClient({ endpoint: front.endpoint, token: vault.rootToken });
    return { kek: vaultTransit({ client, keyName: "bench" }), end: () => client.close() };
  });
}

interface Usable {
  readonly kek: Kek;
  end(): Promise<void> | void;
}

async function started<E extends Emulator<EmulatorAdmin>>(
  { latencyMs, perSecond }: Conditions,
  start: () => Promise<E>,
  use: (emulator: E, front: QuotaFront) => Promise<Usable>,
): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const emulators = { served: stack.use(await start()), throttled: stack.use(await start()), failed: stack.use(await start()) };
  if (latencyMs > 0) emulators.served.admin.fail({ as: "slow", afterMs: latencyMs, times: Infinity });
  emulators.throttled.admin.fail({ as: "throttled", times: Infinity });
  emulators.failed.admin.fail({ as: "unavailable", times: Infinity });
  const { served, throttled, failed } = emulators;
  const endpoints = { served: served.endpoint, throttled: throttled.endpoint, failed: failed.endpoint };
  const front = stack.use(await startQuotaFront({ endpoints, perSecond }));
  const { kek, end } = await use(served, front);
  stack.defer(() => end());
  const running = stack.move();
  return {
    front,
    kek,
    keyRef: kek.keyRef,
    forgetRequests() {
      for (const { admin } of Object.values(emulators)) admin.takeRequests();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
