import type { KekRequest, KekSubject, KeyName } from "@letterlock/conformance";
import { type VaultClient, vaultTransit } from "@letterlock/vault-transit";
import type { OpenBaoRaft } from "../open-bao-raft.ts";
import type { Front, FrontRequest } from "./front.ts";

/** What a client of Vault is made with. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly token: string;
  readonly timeoutMs: number;
}

export type MakeClient = (settings: ClientSettings) => VaultClient;

const keyNames: Readonly<Record<KeyName, string>> = { a: "conformance-a", b: "conformance-b" };

/** Enough to seal, to open, to refresh and to ask for the version; not enough to make a key. */
const policy = ["encrypt", "decrypt", "rewrap"]
  .map((verb) => `path "transit/${verb}/conformance-*" { capabilities = ["update"] }`)
  .concat(`path "transit/keys/conformance-*" { capabilities = ["read"] }`)
  .join("\n");

/** `vaultTransit` against OpenBao, logged in by AppRole with the least permissions. */
export async function vaultTransitSubject(
  bao: OpenBaoRaft,
  front: Front,
  { derived, makeClient }: { readonly derived: boolean; readonly makeClient: MakeClient },
): Promise<KekSubject> {
  const admin = (path: string, body: object = {}, method: "POST" | "DELETE" = "POST"): Promise<unknown> => succeed(bao, path, body, method);
  for (const name of Object.values(keyNames)) await admin(`keys/${name}`, { derived });
  await admin("keys/conformance-convergent", { derived: true, convergent_encryption: true });
  const token = await loginWith(bao, "sealer", policy);
  const stranger = await loginWith(bao, "stranger", `path "transit/encrypt/another" { capabilities = ["update"] }`);
  const usual = { endpoint: front.endpoint, token, timeoutMs: 30_000 };
  const client = makeClient(usual);
  const kek = (keyName = keyNames.a, by = client) => vaultTransit({ client: by, keyName, derived });
  return {
    create: (key) => kek(keyNames[key]),
    createBatching: (key) => vaultTransit({ client, keyName: keyNames[key], derived, batch: true }),
    rotate: () => admin(`keys/${keyNames.a}/rotate`),
    disable: () => admin(`keys/${keyNames.a}/soft-delete`, {}, "DELETE"),
    enable: () => admin(`keys/${keyNames.a}/soft-delete-restore`),
    faults: {
      "access-denied": () => kek(keyNames.a, makeClient({ ...usual, token: stranger })),
      "kek-not-found": () => kek("conformance-missing"),
      "kek-unusable": () => kek("conformance-convergent"),
      async throttled() {
        await bao.limitRate(1, 3600);
        await bao.request({ method: "GET", path: "transit/keys" });
        return { ...kek(), [Symbol.asyncDispose]: () => bao.unlimitRate() };
      },
      async unavailable() {
        await bao.seal();
        return { ...kek(), [Symbol.asyncDispose]: () => bao.unseal() };
      },
    },
    hanging: () => kek(keyNames.a, makeClient({ ...usual, endpoint: front.silentEndpoint })),
    timingOut: () => kek(keyNames.a, makeClient({ ...usual, endpoint: front.silentEndpoint, timeoutMs: 100 })),
    requests: () => front.takeRequests().map(understand),
    keyRefs: {
      same: [],
      other: ["transit/conformance-ab", "Transit/conformance-a", "other//transit/conformance-a", "transit//conformance-a"],
    },
    foreignCiphertexts: async () => [
      await encrypt(bao, derived ? { context: "YQ==" } : {}),
      await encrypt(bao, { ...(derived ? { context: "Yg==" } : {}), associated_data: "YQ==" }),
    ],
  };
}

async function loginWith(bao: OpenBaoRaft, name: string, document: string): Promise<string> {
  return await (await bao.createRole({ name, policy: document, tokenTtlSeconds: 3600 })).login();
}

async function succeed(
  bao: OpenBaoRaft,
  path: string,
  body: object,
  method: "POST" | "DELETE" = "POST",
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await bao.request({ method, path: `transit/${path}`, body });
  if (answer.status > 299) throw new Error(`OpenBao answered ${answer.status} to ${path}: ${answer.body.errors?.join(", ")}`);
  return answer.body.data ?? {};
}

/** 32 bytes that another application encrypted under key a. */
async function encrypt(bao: OpenBaoRaft, bound: object): Promise<Uint8Array> {
  const { ciphertext } = await succeed(bao, `encrypt/${keyNames.a}`, { plaintext: Buffer.alloc(32, 7).toString("base64"), ...bound });
  return Buffer.from(String(ciphertext));
}

/** "/v1/transit/encrypt/app" is "encrypt" for the key "transit/app". */
function understand({ path }: FrontRequest): KekRequest {
  const [, mount, operation = path, name] = /^\/v1\/([^/]+)\/([^/]+)\/([^/?]+)/.exec(path) ?? [];
  return { operation, key: name === undefined ? undefined : `${mount}/${name}` };
}
