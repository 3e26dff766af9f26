import type { Kek } from "@letterlock/core";
import { createKeyring, type Keyring, type KeyringPolicy, memoryKeyStore } from "@letterlock/keyring";
import { circuitBreaking, rateLimited, retrying, timed } from "@letterlock/resilience";
import { runCallers } from "./callers.ts";
import { createLatencies } from "./latencies.ts";
import { type MemorySample, sampleMemory } from "./memory-sample.ts";
import type { Service } from "./services.ts";

export interface RingLoadOptions {
  readonly what: string;
  /** The first of them fails during the outage. */
  readonly services: readonly [Service, ...Service[]];
  readonly tenants: number;
  /** Each is sealed, and one is opened for each. */
  readonly messages: number;
  readonly callers: number;
  readonly overMs: number;
  readonly outage: { readonly afterMs: number; readonly forMs: number } | undefined;
  /** Calls per second that each provider allows. */
  readonly quota: number;
  readonly policy: KeyringPolicy;
}

export interface RingLoad {
  readonly what: string;
  readonly messages: number;
  /** How long a key was used before it was opened again. */
  readonly maxAgeMs: number;
  /** One message of each tenant, in a process that knows no key. */
  readonly coldMs: number;
  /** Of `calls`. */
  readonly coldCalls: number;
  readonly loadMs: number;
  readonly errors: readonly string[];
  /** Requests that reached the providers, the refused ones too. */
  readonly calls: number;
  readonly throttled: number;
  readonly failed: number;
  readonly sealMs: { readonly p50: number; readonly p99: number; readonly worst: number };
  readonly openMs: { readonly p50: number; readonly p99: number; readonly worst: number };
  /** At 10, 50 and 100 % of the messages. */
  readonly memory: readonly MemorySample[];
}

/** In the order of the README of @letterlock/resilience. A little below the quota, because that is counted elsewhere. */
function resilient(kek: Kek, quota: number): Kek {
  const attempt = timed(kek, { perAttemptMs: 10_000 });
  const paced = rateLimited(attempt, { perSecond: quota * 0.9, burst: quota / 5 });
  return retrying(circuitBreaking(paced, { failures: 5, halfOpenAfterMs: 1_000 }), { attempts: 3, budgetMs: 5_000 });
}

export async function ringLoad(options: RingLoadOptions): Promise<RingLoad> {
  const { what, services, tenants, messages, callers, overMs, outage, quota, policy } = options;
  const keks = services.map(({ kek }) => resilient(kek, quota));
  using ring = createKeyring({ keks, store: memoryKeyStore(), policy });
  const errors: string[] = [];
  const began = performance.now();
  const records = await coldStart(ring, tenants, callers, errors);
  const coldMs = performance.now() - began;
  const total = (target: "served" | "throttled" | "failed"): number => services.reduce((sum, { front }) => sum + front.counts[target], 0);
  const callsSoFar = (): number => total("served") + total("throttled") + total("failed");
  const coldCalls = callsSoFar();

  const [sealing, opening] = [createLatencies(messages), createLatencies(messages)];
  const memory: MemorySample[] = [];
  const samples = [Math.floor(messages / 10), Math.floor(messages / 2)];
  const timers = outage === undefined ? [] : outageTimers(services[0], outage);
  const warm = performance.now();
  await runCallers({ times: messages, callers, overMs }, async (index) => {
    if (samples.includes(index)) {
      for (const { forgetRequests } of services) forgetRequests();
      memory.push(sampleMemory());
    }
    const tenant = Math.floor(Math.random() * tenants);
    const call = callOf(tenant);
    const start = performance.now();
    try {
      const record = ring.sealSync(message, call) ?? (await ring.seal(message, call));
      const sealed = performance.now();
      sealing.add(sealed - start);
      const old = records[tenant] ?? record;
      const opened = ring.openSync(old, call) ?? (await ring.open(old, call));
      opening.add(performance.now() - sealed);
      if (opened.length !== message.length) errors.push("another plaintext");
      records[tenant] = record;
    } catch (error) {
      errors.push(errorName(error));
    }
  });
  const loadMs = performance.now() - warm;
  for (const timer of timers) clearTimeout(timer);
  services[0].front.failing = false;
  for (const { forgetRequests } of services) forgetRequests();
  memory.push(sampleMemory());
  const times = ({ percentile }: typeof sealing) => ({ p50: percentile(0.5), p99: percentile(0.99), worst: percentile(1) });
  return {
    what,
    messages,
    maxAgeMs: policy.memory.maxAgeMs,
    coldMs,
    coldCalls,
    loadMs,
    errors,
    calls: callsSoFar(),
    throttled: total("throttled"),
    failed: total("failed"),
    sealMs: times(sealing),
    openMs: times(opening),
    memory,
  };
}

/** Four callers for each tenant at the same time, as after a deployment. */
async function coldStart(ring: Keyring, tenants: number, callers: number, errors: string[]): Promise<Uint8Array[]> {
  const records: Uint8Array[] = [];
  await runCallers({ times: tenants * 4, callers: Math.max(callers, tenants), overMs: 0 }, async (index) => {
    const tenant = index % tenants;
    try {
      records[tenant] = await ring.seal(message, callOf(tenant));
    } catch (error) {
      errors.push(errorName(error));
    }
  });
  return records;
}

function outageTimers({ front }: Service, { afterMs, forMs }: NonNullable<RingLoadOptions["outage"]>): NodeJS.Timeout[] {
  const fail = (failing: boolean, inMs: number): NodeJS.Timeout =>
    setTimeout(() => {
      front.failing = failing;
    }, inMs);
  return [fail(true, afterMs), fail(false, afterMs + forMs)];
}

export const message: Uint8Array = new Uint8Array(100).fill(7);

export function callOf(tenant: number): { readonly context: { readonly tenant: string }; readonly aad: string } {
  return { context: { tenant: `tenant-${tenant}` }, aad: "users/ssn" };
}

export function errorName(error: unknown): string {
  return String((error as { readonly code?: unknown }).code ?? error);
}
