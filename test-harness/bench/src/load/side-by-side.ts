import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  KMS,
  KmsKeyringNode,
  type KmsKeyringNodeInput,
  NodeCachingMaterialsManager,
} from "@aws-crypto/client-node";
import { createKeyring, type KeyringPolicy, memoryKeyStore } from "@letterlock/keyring";
import { runCallers } from "./callers.ts";
import { callOf, errorName, message } from "./ring-load.ts";
import { credentials, region, type Service } from "./services.ts";

/** One side: sealed in one process, opened in another one that knows no key. */
export interface Side {
  seal(tenant: number): Promise<Uint8Array>;
  open(tenant: number, sealed: Uint8Array): Promise<unknown>;
}

export interface SideResult {
  readonly what: string;
  readonly messages: number;
  readonly calls: number;
  readonly throttled: number;
  readonly errors: readonly string[];
  /** Sealed and opened, from the first call of a cold process on. */
  readonly perSecond: number;
  /** When every tenant has been seen twice. */
  readonly warmPerSecond: number;
  readonly bytesOver: number;
}

export interface SideOptions {
  readonly what: string;
  readonly aws: Service;
  readonly tenants: number;
  readonly messages: number;
  readonly callers: number;
}

export async function runSide({ what, aws, tenants, messages, callers }: SideOptions, side: Side): Promise<SideResult> {
  const { front } = aws;
  const before = { ...front.counts };
  const began = performance.now();
  let warmFrom = began;
  const errors: string[] = [];
  let bytesOver = 0;
  await runCallers({ times: messages, callers, overMs: 0 }, async (index) => {
    if (index === 2 * tenants) warmFrom = performance.now();
    try {
      const sealed = await side.seal(index % tenants);
      bytesOver = sealed.length - message.length;
      await side.open(index % tenants, sealed);
    } catch (error) {
      errors.push(errorName(error));
    }
  });
  const ended = performance.now();
  const throttled = front.counts.throttled - before.throttled;
  return {
    what,
    messages,
    calls: front.counts.served - before.served + throttled,
    throttled,
    errors,
    perSecond: ((messages - errors.length) * 1000) / (ended - began),
    warmPerSecond: ((messages - 2 * tenants) * 1000) / (ended - warmFrom),
    bytesOver,
  };
}

export function ringSide(
  { kek }: Service,
  { hierarchy, keys }: { readonly hierarchy: KeyringPolicy["hierarchy"]; readonly keys: number },
): Side & Disposable {
  const store = memoryKeyStore();
  const policy = { memory: { maxAgeMs: 600_000, maxKeys: keys }, hierarchy };
  const [sealer, opener] = [1, 2].map(() => createKeyring({ keks: [kek], store, policy }));
  if (sealer === undefined || opener === undefined) throw new Error("two rings were made");
  return {
    seal: async (tenant) => sealer.sealSync(message, callOf(tenant)) ?? (await sealer.seal(message, callOf(tenant))),
    open: async (tenant, record) => opener.openSync(record, callOf(tenant)) ?? (await opener.open(record, callOf(tenant))),
    [Symbol.dispose]() {
      sealer[Symbol.dispose]();
      opener[Symbol.dispose]();
    },
  };
}

/** The AWS Encryption SDK as its documentation sets it up for many small messages: caching manager, key commitment, its own client with its own retries. Without signatures, which records do not have either. */
export function encryptionSdkSide({ keyRef, front }: Service, keys: number): Side & Disposable {
  const client = new KMS({ endpoint: front.endpoint, region, credentials });
  // The SDK's declarations were made without exactOptionalPropertyTypes.
  const clientProvider = (() => client) as unknown as NonNullable<KmsKeyringNodeInput["clientProvider"]>;
  const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const manager = (): NodeCachingMaterialsManager =>
    new NodeCachingMaterialsManager({
      backingMaterials: new KmsKeyringNode({ generatorKeyId: keyRef, clientProvider }),
      cache: getLocalCryptographicMaterialsCache(keys),
      maxAge: 600_000,
      maxMessagesEncrypted: 2 ** 31,
      maxBytesEncrypted: Number.MAX_SAFE_INTEGER,
    });
  const [sealer, opener] = [manager(), manager()];
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  return {
    async seal(tenant) {
      const { context: encryptionContext } = callOf(tenant);
      return (await encrypt(sealer, message, { encryptionContext, suiteId, plaintextLength: message.length })).result;
    },
    open: (_tenant, sealed) => decrypt(opener, sealed),
    [Symbol.dispose]: () => client.destroy(),
  };
}
