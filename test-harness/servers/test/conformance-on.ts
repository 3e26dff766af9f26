import { testKek } from "@letterlock/conformance/vitest";
import { afterAll, test } from "vitest";
import { requireServer } from "../src/available-servers.ts";
import type { ServerSubject } from "../src/subjects/server-subject.ts";

/** Declares the conformance cases of an adapter on a server. What is unproven and not in the server's manifest fails. */
export async function conformanceOn({ adapter, server, start }: ServerSubject): Promise<void> {
  if (!requireServer(server)) return test.skip(`${adapter} on ${server}`, () => undefined);
  const { subject, manifest, [Symbol.asyncDispose]: stop } = await start();
  afterAll(() => stop(), 60_000);
  testKek(`${adapter} on ${server}`, subject, { manifest, unproven: "fail" });
}
