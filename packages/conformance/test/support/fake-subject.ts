import type { Kek, KekWrapper } from "@letterlock/core";
import type { KekSubject, KeyName } from "../../src/index.ts";
import { batchingSend } from "./batching-client.ts";
import { type Behaviour, fakeKek, provider, replicaOf, soundBehaviour } from "./fake-kek.ts";
import { type FakeFault, type FakeService, fakeService } from "./fake-service.ts";

/** What a subject of the fake service is made of. A mutant changes one thing of it. */
export interface Making {
  readonly behaviour: Behaviour;
  readonly batchingSend: () => Behaviour["send"];
  /** Every KEK of the subject goes through it. */
  readonly finish: (kek: Kek, service: FakeService) => Kek;
}

export const soundMaking: Making = { behaviour: soundBehaviour, batchingSend, finish: (kek) => kek };

/** The reference: a subject with every member, over a service of its own. */
export function fakeSubject({
  behaviour,
  batchingSend: batching,
  finish,
}: Making = soundMaking): KekSubject & Required<Pick<KekSubject, "create">> {
  const service = fakeService(["fake:a", "fake:b"]);
  const keyRef = (key: string): string => `fake:${key}`;
  const make = (key: string, fault?: FakeFault): Kek => finish(fakeKek(service.client(fault), keyRef(key), behaviour), service);
  return {
    ...members(service, make),
    createBatching: (key) => finish(fakeKek(service.client(), keyRef(key), { ...behaviour, send: batching() }), service),
  };
}

/** The second reference: nothing is bound, a public key wraps, and no optional member is there. */
export function plainSubject(finish: (kek: Kek) => Kek = (kek) => kek): KekSubject & Required<Pick<KekSubject, "create">> & PublicKeks {
  const service = fakeService(["fake:a", "fake:b"]);
  const behaviour: Behaviour = { ...soundBehaviour, bindsContext: false, authenticatesWrap: false, binding: () => new Uint8Array(0) };
  const make = (key: string, fault?: FakeFault): Kek => {
    const { generate, rewrap, currentVersion, retryAfterMs, ...plain } = fakeKek(service.client(fault), `fake:${key}`, behaviour);
    return finish(plain);
  };
  const publicKek = (key: KeyName): KekWrapper => ({
    provider,
    keyRef: `fake:${key}`,
    bindsContext: false,
    authenticatesWrap: false,
    errorCode: () => "provider-error",
    wrap: async (dataKey) => {
      const { bytes, version } = service.publicEncrypt(`fake:${key}`, dataKey);
      return { wrapped: bytes, keyVersion: version };
    },
  });
  return { ...members(service, make), publicWrapper: () => publicKek("a"), publicKek };
}

/** What wraps with the public half of a key alone. */
export interface PublicKeks {
  publicKek(key: KeyName): KekWrapper;
}

function members(service: FakeService, make: (key: string, fault?: FakeFault) => Kek): KekSubject & Required<Pick<KekSubject, "create">> {
  return {
    create: (key) => make(key),
    rotate: () => service.rotate("fake:a"),
    disable: () => service.disable("fake:a"),
    enable: () => service.enable("fake:a"),
    faults: {
      "access-denied": () => make("a", { status: 403 }),
      "kek-not-found": () => make("no-such-key"),
      "kek-unusable": () => make("a", { status: 409 }),
      throttled: () => make("a", { status: 429 }),
      unavailable: () => make("a", { status: 503 }),
      "provider-error": () => make("a", { status: 418 }),
    },
    hanging: () => make("a", "hang"),
    timingOut: () => make("a", "time-out"),
    answersFromAnotherKey: () => make("a", "wrong-key"),
    requests: () => service.takeRequests(),
    keyRefs: { same: [replicaOf("fake:a")], other: [replicaOf("fake:b"), "fake:A", "other:a"] },
  };
}
