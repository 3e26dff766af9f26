import { type RingLoad, ringLoad } from "./ring-load.ts";
import { type Service, startAws, startVault } from "./services.ts";
import { encryptionSdkSide, ringSide, runSide, type Side, type SideResult } from "./side-by-side.ts";

/** How much of everything. */
export interface LoadSize {
  readonly tenants: number;
  readonly messages: number;
  readonly callers: number;
  readonly overMs: number;
  readonly outage: { readonly afterMs: number; readonly forMs: number };
  readonly quota: number;
  readonly latencyMs: number;
  /** How long a key is used before it is opened again. */
  readonly maxAgeMs: number;
}

export const fullSize: LoadSize = {
  tenants: 1_000,
  messages: 200_000,
  callers: 64,
  overMs: 30_000,
  outage: { afterMs: 10_000, forMs: 10_000 },
  quota: 50,
  latencyMs: 20,
  maxAgeMs: 5_000,
};

/** For a test: the same, in seconds. */
export const shortSize: LoadSize = {
  tenants: 50,
  messages: 6_000,
  callers: 16,
  overMs: 3_000,
  outage: { afterMs: 500, forMs: 1_500 },
  quota: 50,
  latencyMs: 20,
  maxAgeMs: 500,
};

const graceMs = 60_000;

/** One provider, which is the only one that can open; the tenants' keys are wrapped by one intermediate KEK. */
export async function measureHierarchy(size: LoadSize): Promise<RingLoad> {
  await using aws = await startAws({ latencyMs: size.latencyMs, perSecond: size.quota });
  return await ringLoad({
    ...size,
    what: "One intermediate KEK for all tenants, AWS KMS alone, which fails for a while",
    services: [aws],
    policy: { memory: { maxAgeMs: size.maxAgeMs, maxKeys: 2 * size.tenants }, graceMs, hierarchy: [] },
  });
}

/** Each tenant's key is wrapped by both providers, which is as many calls as there can be. Keys begin to age out when the outage begins: the other provider opens them. */
export async function measureTwoProviders(size: LoadSize): Promise<RingLoad> {
  await using aws = await startAws({ latencyMs: size.latencyMs, perSecond: size.quota });
  await using vault = await startVault({ latencyMs: size.latencyMs, perSecond: size.quota });
  const coldMs = (size.tenants / size.quota) * 1000;
  return await ringLoad({
    ...size,
    what: "A data key for each tenant, for AWS KMS and Vault Transit, of which AWS KMS fails for a while",
    services: [aws, vault],
    policy: {
      memory: { maxAgeMs: coldMs + size.outage.afterMs, maxKeys: 2 * size.tenants },
      graceMs,
      renewalMs: 2 * coldMs + 10_000,
    },
  });
}

/** The same messages on each side, without a quota and without an outage: the Encryption SDK has no answer to either. */
export async function measureSides({ tenants, latencyMs, callers }: LoadSize, messages: number): Promise<SideResult[]> {
  const sides: readonly { readonly what: string; make(aws: Service): Side & Disposable }[] = [
    { what: "a keyring with one intermediate KEK", make: (aws) => ringSide(aws, { hierarchy: [], keys: tenants }) },
    { what: "a keyring without one", make: (aws) => ringSide(aws, { hierarchy: undefined, keys: tenants }) },
    { what: "the AWS Encryption SDK with its caching manager", make: (aws) => encryptionSdkSide(aws, 2 * tenants) },
  ];
  const results: SideResult[] = [];
  for (const { what, make } of sides) {
    await using aws = await startAws({ latencyMs, perSecond: Infinity });
    using side = make(aws);
    results.push(await runSide({ what, aws, tenants, messages, callers }, side));
  }
  return results;
}
