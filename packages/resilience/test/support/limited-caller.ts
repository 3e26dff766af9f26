// A program of its own: limited-caller.ts ENDPOINT KEY_ARN REDIS CALLS
// Prints "ready", waits for a line, makes the calls at once under the shared limiter, and ends.
import { once } from "node:events";
import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { Redis } from "ioredis";
import { rateLimited } from "../../src/index.ts";
import { kekCall, times } from "./scripted-kek.ts";
import { sharedLimiter } from "./shared-limiter.ts";

const [endpoint = "", keyArn = "", url = "", calls = ""] = process.argv.slice(2);
const client = new KMSClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "alice", secretAccessKey: "secret" },
  maxAttempts: 1,
});
const redis = new Redis(url);
const kek = rateLimited(awsKms({ client, keyArn }), { limiter: sharedLimiter(redis), quota: "account" });
await redis.ping();
process.stdout.write("ready\n");
await once(process.stdin, "data");
await Promise.all(times(Number(calls), () => kek.wrap(new Uint8Array(32), kekCall())));
client.destroy();
redis.disconnect();
process.stdin.destroy();
