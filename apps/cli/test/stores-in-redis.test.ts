import { createServer } from "node:net";
import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedFolder } from "./letterlock-command.ts";
import { secret, storeMigration } from "./store-migration.ts";

const folder = sharedFolder();
const { sealed, sealedText, opened, moves, fails, found } = storeMigration(folder);
/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe("a store in a Redis that is away", { timeout: 60_000 }, () => {
  it("is unavailable", async () => {
    const entry = { type: "redis", url: `redis://app:${secret}@127.0.0.1:1/2` };
    await fails(entry, "unavailable", "the store users (redis://127.0.0.1:1/2) failed (ECONNREFUSED)");
  });
});

describe.skipIf(!requireDebianServer("redis-server"))("a store in Redis", { timeout: 60_000 }, () => {
  let host = "";
  beforeAll(async () => {
    host = new URL(running.use(await startRedis(["--requirepass", secret])).endpoint).host;
    const client = connect(3);
    for (let i = 1; i <= 3; i++) {
      await client.set(`ssn:${i}`, Buffer.from(await sealed(`ssn ${i}`)));
      await client.hset(`user:${i}`, { name: "a", ssn: await sealedText(`hash ${i}`) });
    }
    await client.set("other", "hello");
    await client.call("ACL", "SETUSER", "reader", "on", `>${secret}`, "~*", "+scan", "+info", "+select");
  }, 60_000);
  const connect = (database: number): Redis => {
    const client = new Redis(`redis://:${secret}@${host}/${database}`);
    running.defer(() => client.disconnect());
    return client;
  };

  it("is moved: strings below a prefix, and a field of hashes, with a password of the URL or of the environment", async () => {
    await moves({ type: "redis", url: `redis://:${secret}@${host}/3`, prefix: "ssn:", pageKeys: 2 }, 3);
    await moves({ type: "redis", url: `redis://${host}/3`, field: "ssn" }, 3, { REDISCLI_AUTH: secret });
    const client = connect(3);
    expect(await opened((await client.getBuffer("ssn:2")) ?? "")).toBe("ssn 2");
    expect(await opened((await client.hget("user:2", "ssn")) ?? "")).toBe("hash 2");
  });

  it.each([
    [`:not-${secret}@`, "access-denied", ": the user or the password is wrong"],
    ["", "access-denied", ": the user or the password is wrong"],
    [`reader:${secret}@`, "access-denied", ": the user needs SCAN, EVAL, and GET and SET or HGET and HSET, on the keys below the prefix"],
  ])("says what is wrong for %j", async (user, code, message) => {
    await fails({ type: "redis", url: `redis://${user}${host}/3` }, code, `the store users (redis://${host}/3) failed`);
    await fails({ type: "redis", url: `redis://${user}${host}/3` }, code, message);
  });

  it("gets no REDISCLI_AUTH from a configuration that was found", async () => {
    const refused = await found({ type: "redis", url: `redis://${host}/3`, prefix: "ssn:" }, { REDISCLI_AUTH: secret });
    expect(refused.stderr).toContain(`was found, not named, so REDISCLI_AUTH does not go to the redis://${host}/3 of stores.users`);
    expect(refused.status).toBe(2);
    expect(await found({ type: "redis", url: `redis://:${secret}@${host}/3`, prefix: "ssn:" }, {})).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  it("is no node of a cluster, whose other nodes would be left out", async () => {
    const bus = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => bus.once("listening", resolve));
    const { port } = bus.address() as { port: number };
    await new Promise((resolve) => bus.close(resolve));
    const { endpoint } = running.use(await startRedis(["--cluster-enabled", "yes", "--cluster-port", String(port)]));
    await fails(
      { type: "redis", url: endpoint },
      "usage",
      `stores.users.url: redis://${new URL(endpoint).host}/0 is a node of a cluster: a store is one primary`,
    );
  });
});
