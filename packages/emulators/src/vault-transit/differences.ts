import type { Difference } from "../server/emulator.ts";

/** In which ways this emulator is known, or suspected, to answer otherwise than OpenBao 2.7 and HashiCorp Vault. */
export const vaultTransitDifferences: readonly Difference[] = [
  { kind: "differs", what: "one server without disk, standby or replicas: no redirects, no 412, 472 or 473" },
  { kind: "differs", what: "of the secrets engines only transit is there; others can be mounted and answer every path with 404" },
  { kind: "differs", what: "of the auth methods only token and approle are there" },
  { kind: "differs", what: "no sign, verify, hmac, hash, import, backup, restore or cache-config paths in transit" },
  { kind: "differs", what: "policies know paths and capabilities; constraints on parameters, templates and response wrapping are ignored" },
  { kind: "differs", what: "no rate-limit quotas: a 429 comes from admin.fail, always with Retry-After: 1" },
  { kind: "differs", what: "an auto_rotate_period takes effect at the first use after it has passed; the server looks once an hour" },
  { kind: "differs", what: "warnings about ignored parameters come from encrypt, decrypt, rewrap and datakey alone" },
  { kind: "differs", what: "the derived keys and convergent nonces are other bytes than the server's, which never show" },
  {
    kind: "unconfirmed",
    what: "HashiCorp Vault: soft deletion and the limit of 1,000 strings are OpenBao's; its tokens begin with hvs., and a bad one is refused with another text",
  },
  { kind: "unconfirmed", what: "the texts about illegal JSON and about policies that cannot be read" },
];
