import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { requireDebianServer } from "../src/debian-server.ts";
import { startPostgres } from "../src/postgres.ts";
import { startRedis } from "../src/redis.ts";
import { expectToLeaveNothing } from "./stopped.ts";

/** Is PostgreSQL willing to talk TLS, and PING of Redis: the shortest question to each. */
const questions = { postgresql: Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]), "redis-server": Buffer.from("PING\r\n") };

describe.each([
  ["postgresql", startPostgres, /^[NS]$/],
  ["redis-server", startRedis, /^\+PONG\r\n$/],
] as const)("%s", (name, start, answer) => {
  test.skipIf(!requireDebianServer(name))("starts, answers and leaves nothing behind", { timeout: 120_000 }, async () => {
    await using server = await start();
    const socket = connect(Number(new URL(server.endpoint).port), "127.0.0.1");
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("error", reject);
    socket.write(questions[name]);
    expect(await promise).toMatch(answer);
    socket.destroy();
    await expectToLeaveNothing(server);
  });
});
