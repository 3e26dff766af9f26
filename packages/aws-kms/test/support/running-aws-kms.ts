import { type AwsKmsAdmin, type AwsKmsOptions, type Emulator, startAwsKms } from "@letterlock/emulators";
import { afterAll, beforeAll } from "vitest";
import { awsClients } from "./aws-clients.ts";

export interface Running {
  /** The emulator of this file, from its first test on. */
  readonly aws: Emulator<AwsKmsAdmin>;
  readonly admin: AwsKmsAdmin;
  readonly client: ReturnType<typeof awsClients>["client"];
}

export function runningAwsKms(options: AwsKmsOptions = {}): Running {
  let started: { readonly aws: Emulator<AwsKmsAdmin>; readonly clients: ReturnType<typeof awsClients> } | undefined;
  beforeAll(async () => {
    const aws = await startAwsKms(options);
    started = { aws, clients: awsClients(aws) };
  });
  afterAll(async () => {
    started?.clients.destroy();
    await started?.aws.close();
  });
  const running = (): NonNullable<typeof started> => {
    if (started === undefined) throw new Error("not before the first test");
    return started;
  };
  return {
    get aws() {
      return running().aws;
    },
    get admin() {
      return running().aws.admin;
    },
    client: (config) => running().clients.client(config),
  };
}
