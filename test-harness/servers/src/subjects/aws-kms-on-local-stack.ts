import { localStackManifest } from "../fidelity/local-stack.ts";
import { startLocalStack } from "../local-stack.ts";
import { awsKmsSubject } from "./aws-kms-subject.ts";
import { startFront } from "./front.ts";
import type { ServerSubject } from "./server-subject.ts";

export const awsKmsOnLocalStack: ServerSubject = {
  adapter: "aws-kms",
  server: "localstack",
  async start() {
    await using started = new AsyncDisposableStack();
    const { endpoint } = started.use(await startLocalStack());
    const front = started.use(await startFront(endpoint));
    const subject = started.use(await awsKmsSubject(front));
    const running = started.move();
    return { subject, manifest: localStackManifest, [Symbol.asyncDispose]: () => running.disposeAsync() };
  },
};
