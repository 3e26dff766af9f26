import type { Answer } from "./answer.ts";
import { type Fields, textField } from "./fields.ts";
import { Refusal } from "./refusal.ts";
import type { VaultState } from "./vault-state.ts";
import type { Verb } from "./verb.ts";

const version = "2.7.2";

const statusPaths = ["sys/health", "sys/seal-status", "sys/leader", "sys/init", "sys/unseal"] as const;
type StatusPath = (typeof statusPaths)[number];

/** The paths that need no token, answer while sealed, and exist in no namespace but the first. */
export function isStatusPath(path: string): path is StatusPath {
  return statusPaths.some((known) => known === path);
}

export function answerStatus(state: VaultState, path: StatusPath, verb: Verb, fields: Fields, query: URLSearchParams): Answer {
  switch (path) {
    case "sys/health":
      if (verb !== "read") throw new Refusal(405);
      return health(state, query);
    case "sys/seal-status":
      return { bare: sealStatus(state) };
    case "sys/leader":
      return { bare: { ha_enabled: false } };
    case "sys/init":
      if (verb === "read") return { bare: { initialized: true } };
      throw new Refusal(400, "Vault is already initialized");
    case "sys/unseal":
      unseal(state, textField(fields, "key") ?? "");
      return { bare: sealStatus(state) };
  }
}

function health({ clock, sealed, clusterId }: VaultState, query: URLSearchParams): Answer {
  const usual = sealed ? 503 : 200;
  const status = Number(query.get(sealed ? "sealedcode" : "activecode") ?? usual);
  return {
    status,
    bare: {
      initialized: true,
      sealed,
      standby: sealed,
      replication_performance_mode: "disabled",
      replication_dr_mode: "disabled",
      server_time_utc: Math.floor(clock.now() / 1000),
      version,
      ...(sealed ? {} : { cluster_name: "vault-cluster-emulator", cluster_id: clusterId }),
    },
  };
}

function sealStatus({ sealed, clusterId }: VaultState): Fields {
  return {
    type: "shamir",
    initialized: true,
    sealed,
    t: 1,
    n: 1,
    progress: 0,
    nonce: "",
    recovery_seal: false,
    version,
    commit_date: "2026-10-26T20:32:27Z",
    migration: false,
    ...(sealed ? {} : { cluster_name: "vault-cluster-emulator", cluster_id: clusterId }),
    storage_type: "inmem",
  };
}

function unseal(state: VaultState, key: string): void {
  if (!state.sealed) return;
  if (key === "") throw new Refusal(400, "'key' must be specified in request body as JSON, or 'reset' set to true");
  const given = /^[0-9a-f]{64}$/i.test(key) ? Buffer.from(key, "hex") : Buffer.from(key, "base64");
  if (!given.equals(Buffer.from(state.unsealKey, "base64"))) {
    throw new Refusal(400, "failed to decrypt keys from storage: cipher: message authentication failed");
  }
  state.sealed = false;
}
