import { createServer, type Server } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../src/free-port.ts";

test("a free port and the one after it can be listened on", async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(Math.min(...ports)).toBeGreaterThan(1023);
  const port = ports[0] as number;
  const servers = await Promise.all([listen(port), listen(port + 1)]);
  for (const server of servers) server.close();
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
