import { KMSClient, type KMSClientConfig, KMSServiceException } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, expect } from "vitest";
import { type AwsKmsAdmin, type AwsKmsOptions, type Emulator, startAwsKms } from "../../src/index.ts";

export interface Running {
  /** The emulator of this file, from its first test on. */
  readonly aws: Emulator<AwsKmsAdmin>;
  /** A client that does not retry. */
  client(config?: KMSClientConfig & { readonly accessKeyId?: string }): KMSClient;
}

export function runningAwsKms(options: AwsKmsOptions = {}): Running {
  let aws: Emulator<AwsKmsAdmin> | undefined;
  const clients: KMSClient[] = [];
  beforeAll(async () => {
    aws = await startAwsKms(options);
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await aws?.close();
  });
  const running = (): Emulator<AwsKmsAdmin> => {
    if (aws === undefined) throw new Error("not before the first test");
    return aws;
  };
  return {
    get aws() {
      return running();
    },
    client({ accessKeyId = "alice", ...config } = {}) {
      const client = new KMSClient({
        endpoint: running().endpoint,
        region: "us-east-1",
        credentials: { accessKeyId, secretAccessKey: "secret" },
        maxAttempts: 1,
        ...config,
      });
      clients.push(client);
      return client;
    },
  };
}

/** The error that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<Error & { readonly $metadata?: { readonly httpStatusCode?: number } }> {
  const error: unknown = await call.then(
    () => new Error("the call succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new TypeError("rejected with something that is no error");
  return error;
}

/** The service says no, in this way. */
export async function expectFailure(call: Promise<unknown>, name: string, message?: string | RegExp, status = 400): Promise<void> {
  const error = await failure(call);
  expect({ name: error.name, status: error.$metadata?.httpStatusCode }).toEqual({ name, status });
  expect(error).toBeInstanceOf(KMSServiceException);
  if (message !== undefined) expect(error.message).toMatch(message);
}
