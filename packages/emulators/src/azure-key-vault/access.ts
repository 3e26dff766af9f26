import { randomBytes } from "node:crypto";
import { accessDenied, unauthorized } from "./refusal.ts";
import type { AzureKeyVaultOperation } from "./understand-request.ts";

/** What a denial is about; a part that is left out stands for all. */
export interface AzureDenial {
  /** The bearer token, or the client id where the token came from the emulator's token endpoint. */
  readonly credential?: string | undefined;
  readonly operation?: AzureKeyVaultOperation | undefined;
  readonly key?: string | undefined;
}

/** Who may do what: everybody everything, until it is denied. */
export interface Access {
  deny(denial: AzureDenial): void;
  expire(credential: string): void;
  allowAll(): void;
  /** A bearer token that speaks for a client id. */
  issue(clientId: string): string;
  /** Whose token it is; undefined without one. */
  credentialOf(authorization: string | undefined): string | undefined;
  /** Throws what the service answers to those who may not. */
  check(request: { credential: string | undefined; operation: AzureKeyVaultOperation; name: string; challenge: string }): void;
  /** Whether a client id is denied a token: not by a denial of everything, which is about the vault. */
  deniesToken(clientId: string): boolean;
}

export function createAccess(): Access {
  let denials: AzureDenial[] = [];
  const expired = new Set<string>();
  const issued = new Map<string, string>();
  const denies = (credential: string, operation: AzureKeyVaultOperation, name: string): boolean =>
    denials.some(
      (denial) =>
        (denial.credential === undefined || denial.credential === credential) &&
        (denial.operation === undefined || denial.operation === operation) &&
        (denial.key === undefined || nameIn(denial.key) === name),
    );
  return {
    deny(denial) {
      denials.push(denial);
    },
    expire(credential) {
      expired.add(credential);
    },
    allowAll() {
      denials = [];
      expired.clear();
    },
    issue(clientId) {
      const token = randomBytes(32).toString("base64url");
      issued.set(token, clientId);
      return token;
    },
    credentialOf(authorization) {
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
      return token === undefined ? undefined : (issued.get(token) ?? token);
    },
    check({ credential, operation, name, challenge }) {
      if (credential === undefined) throw unauthorized(challenge, "AKV10000: Request is missing a Bearer or PoP token.");
      if (expired.has(credential)) throw unauthorized(challenge, "[TokenExpired] Error validating token: 'S2S12086'.");
      if (denies(credential, operation, name)) throw accessDenied(operation);
    },
    deniesToken: (clientId) =>
      denials.some(({ credential, operation }) => operation === "token" && (credential === undefined || credential === clientId)),
  };
}

/** Requests can reach the emulator under several host names; the name of the key is the same. */
export function nameIn(keyRef: string): string {
  return keyRef.split("/keys/")[1]?.split("/")[0] ?? keyRef;
}
