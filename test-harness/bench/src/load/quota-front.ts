import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands before a service and keeps its quota. It has no answers of its own: what is above the quota is answered by an emulator that always throttles, an outage by one that is always unavailable. */
export interface QuotaFront extends AsyncDisposable {
  readonly endpoint: string;
  /** Requests since the start. */
  readonly counts: Readonly<Record<Target, number>>;
  /** From now on every request fails, or none. */
  failing: boolean;
}

type Target = "served" | "throttled" | "failed";

export interface QuotaFrontOptions {
  readonly endpoints: Readonly<Record<Target, string>>;
  /** Also how many may come at once. Infinity: no quota. */
  readonly perSecond: number;
}

export async function startQuotaFront({ endpoints, perSecond }: QuotaFrontOptions): Promise<QuotaFront> {
  const counts = { served: 0, throttled: 0, failed: 0 };
  let tokens = perSecond;
  let at = performance.now();
  const takeToken = (): boolean => {
    if (perSecond === Infinity) return true;
    const now = performance.now();
    tokens = Math.min(perSecond, tokens + ((now - at) * perSecond) / 1000);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
  const server = createServer((message, response) => {
    const target = front.failing ? "failed" : takeToken() ? "served" : "throttled";
    counts[target] += 1;
    pass(endpoints[target], message, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const front: QuotaFront = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    failing: false,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return front;
}

function pass(target: string, message: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = "/" } = message;
  const onwards = request(new URL(url, target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onwards.on("error", () => response.destroy());
  response.on("close", () => onwards.destroy());
  message.pipe(onwards);
}
