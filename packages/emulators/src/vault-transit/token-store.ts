import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";

export interface Token {
  readonly id: string;
  readonly accessor: string;
  /** The path of the namespace that it belongs to: "" or "team/". */
  readonly namespace: string;
  readonly policies: readonly string[];
  readonly parent: string | undefined;
  /** The path that made it. */
  readonly path: string;
  readonly type: "service" | "batch";
  readonly displayName: string;
  readonly meta: Readonly<Record<string, string>> | null;
  readonly entityId: string;
  readonly renewable: boolean;
  readonly numUses: number;
  readonly creationSeconds: number;
  /** Renewing never goes beyond this many seconds after it was made; 0 is the system's limit. */
  readonly maxSeconds: number;
  readonly explicitMaxSeconds: number;
  readonly periodSeconds: number;
  readonly createdAt: number;
  /** Milliseconds since 1970; undefined: never. */
  expiresAt: number | undefined;
  usesLeft: number;
}

export type NewToken = Partial<Omit<Token, "accessor" | "expiresAt" | "usesLeft" | "createdAt">> & { readonly policies: readonly string[] };

export interface TokenStore {
  create(token: NewToken): Token;
  /** Undefined where there is none, or where it expired or was used up. */
  find(id: string): Token | undefined;
  /** One request is made with it. */
  use(id: string): Token | undefined;
  /** With everything that it made. */
  revoke(id: string): void;
  /** Seconds that it now has. */
  renew(token: Token, increment: number | undefined): number;
}

/** 32 days: what the server gives and allows where nobody says. */
export const systemSeconds = 2_764_800;

export function createTokenStore(clock: Clock): TokenStore {
  const tokens = new Map<string, Token>();
  const store: TokenStore = {
    create(wanted) {
      const token = newToken(clock, wanted);
      tokens.set(token.id, token);
      return token;
    },
    find(id) {
      const token = tokens.get(id);
      if (token === undefined) return undefined;
      const over = (token.expiresAt !== undefined && clock.now() >= token.expiresAt) || (token.numUses > 0 && token.usesLeft <= 0);
      if (!over) return token;
      store.revoke(id);
      return undefined;
    },
    use(id) {
      const token = store.find(id);
      if (token !== undefined) token.usesLeft -= 1;
      return token;
    },
    revoke(id) {
      tokens.delete(id);
      for (const { id: child, parent } of [...tokens.values()]) if (parent === id) store.revoke(child);
    },
    renew(token, increment) {
      const limit = token.maxSeconds === 0 ? systemSeconds : token.maxSeconds;
      const age = (clock.now() - token.createdAt) / 1000;
      const asked = token.periodSeconds > 0 ? token.periodSeconds : increment || token.creationSeconds;
      const seconds = token.periodSeconds > 0 ? asked : Math.max(0, Math.min(asked, Math.ceil(limit - age)));
      token.expiresAt = clock.now() + seconds * 1000;
      return seconds;
    },
  };
  return store;
}

function newToken(clock: Clock, wanted: NewToken): Token {
  const type = wanted.type ?? "service";
  const creationSeconds = wanted.creationSeconds ?? systemSeconds;
  const createdAt = clock.now();
  return {
    id: type === "batch" ? `b.${randomBytes(60).toString("base64url")}` : `s.${identifier()}`,
    accessor: type === "batch" ? "" : identifier(),
    namespace: "",
    parent: undefined,
    path: "auth/token/create",
    displayName: "token",
    meta: null,
    entityId: "",
    renewable: type === "service" && creationSeconds > 0,
    numUses: 0,
    maxSeconds: 0,
    explicitMaxSeconds: 0,
    periodSeconds: 0,
    ...wanted,
    type,
    creationSeconds,
    createdAt,
    expiresAt: creationSeconds === 0 ? undefined : createdAt + creationSeconds * 1000,
    usesLeft: wanted.numUses ?? 0,
  };
}

function identifier(): string {
  return randomBytes(18).toString("base64").replaceAll("+", "A").replaceAll("/", "B");
}
