import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import type { Kek } from "@letterlock/core";
import { rateLimited, tokenBucketScript } from "@letterlock/resilience";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import type { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";

/** What is taken away from the fleet, to see that the campaign misses it. */
export type Mutation = "none" | "no limiter" | "no lock";

/** Everything that a worker must be told. */
export interface Setup {
  readonly redis: string;
  readonly postgres: string;
  readonly aws: { readonly endpoint: string; readonly keyArn: string };
  readonly vault: { readonly endpoint: string; readonly token: string; readonly keyName: string };
  /** Calls to a provider in any second. */
  readonly quota: number;
  readonly mutation: Mutation;
}

export const queue = "campaign";
export const store = "users";
export const table = "users";
export const workers = 4;
export const concurrency = 8;
export const lockMs = 3_000;
/** Where the workers without a lock add up their books. */
export const ledger = "ledger";

const burst = 40;

export interface Keys {
  readonly old: Kek;
  readonly target: Kek;
  close(): Promise<void>;
}

/** Without a connection there is no limit. */
export function keysOf({ aws, vault, quota, mutation }: Setup, connection?: Redis): Keys {
  const kms = new KMSClient({
    endpoint: aws.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "fleet", secretAccessKey: "any" },
    maxAttempts: 1,
  });
  const transit = vaultClient({ endpoint: vault.endpoint, token: vault.token });
  const keks = {
    old: awsKms({ client: kms, keyArn: aws.keyArn }),
    target: vaultTransit({ client: transit, keyName: vault.keyName, batch: true }),
  };
  const close = async (): Promise<void> => {
    kms.destroy();
    await transit.close();
  };
  if (connection === undefined || mutation === "no limiter") return { ...keks, close };
  // Calls that have their token and are still on their way come on top: one for each object that somebody works on, or worked on when he was killed.
  const perSecond = quota - burst - (workers + 2) * concurrency;
  const limiter = new RateLimiterRedis({
    storeClient: connection,
    points: perSecond,
    duration: 1,
    customIncrTtlLuaScript: tokenBucketScript({ burst }),
    rejectIfRedisNotReady: true,
  });
  return {
    old: rateLimited(keks.old, { limiter, quota: "aws" }),
    target: rateLimited(keks.target, { limiter, quota: "vault" }),
    close,
  };
}
