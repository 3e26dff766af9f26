import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { LetterlockError } from "@letterlock/core";
import type { EnvelopeStore } from "@letterlock/migrate";
import { describe, expect, it, onTestFinished } from "vitest";
import { awsTimeLimits } from "../src/drivers/aws-time-limits.ts";
import { explainPostgres } from "../src/drivers/postgres-errors.ts";
import { explainRedis } from "../src/drivers/redis-errors.ts";
import { openDynamoDb } from "../src/stores/dynamodb.ts";
import { namedStore } from "../src/stores/named-store.ts";
import { openS3 } from "../src/stores/s3.ts";

// Errors as the servers and drivers make them, of those that the servers of the other tests do not make.
const s3 = openS3("a", { type: "s3", bucket: "acme", region: "eu-west-1" });
const dynamoDb = openDynamoDb("a", { type: "dynamodb", table: "Users", key: ["id"], attribute: "ssn", region: "eu-west-1" });
const postgres = (error: unknown) => explainPostgres(error, { table: "the table", rights: "the rights" });
const redis = (error: unknown) => explainRedis(error, "the rights");

const named = (name: string): Error => Object.assign(new Error("secret"), { name });
const coded = (code: string, message = "secret"): Error => Object.assign(new Error(message), { code });

describe("what an error of a driver means", () => {
  it.each([
    [s3.explain, named("AccessDenied"), "access-denied", "s3:ListBucket, s3:GetObject and s3:PutObject"],
    [s3.explain, named("InvalidAccessKeyId"), "access-denied", "look at the credentials"],
    [s3.explain, named("SignatureDoesNotMatch"), "access-denied", "look at the credentials"],
    [s3.explain, named("PermanentRedirect"), "wrong-usage", "the bucket is in another region"],
    [s3.explain, named("InvalidBucketName"), "wrong-usage", "no bucket can have this name"],
    [s3.explain, named("SlowDown"), "throttled", undefined],
    [s3.explain, named("ServiceUnavailable"), "unavailable", undefined],
    [s3.explain, coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "wrong-usage", "name the authority with NODE_EXTRA_CA_CERTS"],
    [dynamoDb.explain, named("AccessDeniedException"), "access-denied", "dynamodb:Scan, dynamodb:GetItem and dynamodb:UpdateItem"],
    [dynamoDb.explain, named("UnrecognizedClientException"), "access-denied", "look at the credentials"],
    [dynamoDb.explain, named("ProvisionedThroughputExceededException"), "throttled", undefined],
    [dynamoDb.explain, named("SomethingNew"), "provider-error", undefined],
    [postgres, coded("53300"), "unavailable", undefined],
    [postgres, coded("57P01"), "unavailable", undefined],
    [postgres, new Error("Connection terminated unexpectedly"), "unavailable", undefined],
    [postgres, coded("ERR_TLS_CERT_ALTNAME_INVALID"), "wrong-usage", "for another host"],
    [postgres, coded("CERT_HAS_EXPIRED"), "wrong-usage", "has expired"],
    [postgres, coded("XX000"), "provider-error", undefined],
    [redis, new Error("LOADING Redis is loading the dataset in memory"), "unavailable", undefined],
    [redis, new Error("CLUSTERDOWN Hash slot not served"), "unavailable", undefined],
    [redis, new Error("Command timed out"), "unavailable", undefined],
    [redis, coded("SELF_SIGNED_CERT_IN_CHAIN"), "wrong-usage", "name the authority with NODE_EXTRA_CA_CERTS"],
    [redis, new Error("ERR unknown command"), "provider-error", undefined],
  ])("%o %s is %s", (explain, error, code, advice) => {
    const explanation = explain(error);
    expect(explanation?.code).toBe(code);
    if (advice === undefined) expect(explanation?.advice).toBeUndefined();
    else expect(explanation?.advice).toContain(advice);
  });
});

describe("a client of AWS", () => {
  it("ends a request that nobody answers, and does not only warn of it", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    const requestHandler = awsTimeLimits(50);
    const client = new S3Client({ requestHandler, credentials, region: "eu-west-1", endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1 });
    await expect(client.send(new ListBucketsCommand())).rejects.toMatchObject({ name: "TimeoutError" });
    client.destroy();
  });
});

/** Whose members reject with `error`. */
function failing(error: unknown): EnvelopeStore {
  return {
    description: "failing",
    partitions: () => Promise.reject(error),
    async *scan() {
      yield await Promise.reject(error);
    },
    replace: () => Promise.reject(error),
  };
}

describe("a store that fails", () => {
  const explain = (): { readonly code: "throttled" } => ({ code: "throttled" });
  const scanned = async (store: EnvelopeStore, signal?: AbortSignal): Promise<void> => {
    for await (const object of store.scan("0/1", { signal })) expect(object).toBeUndefined();
  };

  it("ends a run with an error in our words, and fails for one object in the driver's", async () => {
    const error = coded("28P01", "password hunter2");
    const store = namedStore("users", { store: failing(error), place: "postgres://db", explain });
    for (const ended of [store.partitions(1), scanned(store)]) {
      await expect(ended).rejects.toMatchObject({ code: "throttled", message: "the store users (postgres://db) failed (28P01)" });
      await expect(ended).rejects.toSatisfy(LetterlockError.is);
    }
    await expect(store.replace("a", "b", new Uint8Array())).rejects.toBe(error);
  });

  it("leaves an abort and errors that are ours as they are", async () => {
    const ours = new LetterlockError("access-denied", "no");
    await expect(scanned(namedStore("users", { store: failing(ours), place: "x", explain }))).rejects.toBe(ours);
    const aborted = new DOMException("enough", "AbortError");
    const store = namedStore("users", { store: failing(aborted), place: "x", explain });
    await expect(scanned(store, AbortSignal.abort(aborted))).rejects.toBe(aborted);
    await expect(scanned(store)).rejects.toMatchObject({ code: "throttled" });
  });

  it("is checked before it is read, once, and not when it is opened", async () => {
    let checks = 0;
    const check = async (): Promise<void> => {
      checks += 1;
      throw new TypeError("it has no primary key");
    };
    const store = namedStore("users", { store: failing(new Error("read")), place: "x", check, explain });
    expect(checks).toBe(0);
    for (const ended of [scanned(store), store.partitions(1)])
      await expect(ended).rejects.toMatchObject({ failure: "usage", message: "stores.users: it has no primary key" });
    expect(checks).toBe(1);
  });
});
