import type { KekSubject } from "@letterlock/conformance";
import { motoManifest } from "../fidelity/moto.ts";
import { startMoto } from "../moto.ts";
import { awsKmsSubject } from "./aws-kms-subject.ts";
import { startFront } from "./front.ts";
import type { ServerSubject } from "./server-subject.ts";

export const awsKmsOnMoto: ServerSubject = {
  adapter: "aws-kms",
  server: "moto",
  async start() {
    await using started = new AsyncDisposableStack();
    const { endpoint } = started.use(await startMoto());
    const front = started.use(await startFront(endpoint));
    const members = started.use(await awsKmsSubject(front));
    const running = started.move();
    return { subject: onMoto(endpoint, members), manifest: motoManifest, [Symbol.asyncDispose]: () => running.disposeAsync() };
  },
};

function onMoto(endpoint: string, { disable, enable, ...members }: KekSubject): KekSubject {
  return {
    ...members,
    faults: {
      ...members.faults,
      // With access control on, moto refuses the credentials of the client, which no user has.
      async "access-denied"() {
        const kek = await members.create?.("a");
        if (kek === undefined) throw new TypeError("the subject makes no KEK");
        await checkAccess(endpoint, true);
        return { ...kek, [Symbol.asyncDispose]: () => checkAccess(endpoint, false) };
      },
    },
  };
}

/** The body is the number of requests that are let through before. */
async function checkAccess(endpoint: string, check: boolean): Promise<void> {
  const { ok } = await fetch(`${endpoint}/moto-api/reset-auth`, { method: "POST", body: check ? "0" : "inf" });
  if (!ok) throw new Error("moto did not take the switch of its access control");
}
