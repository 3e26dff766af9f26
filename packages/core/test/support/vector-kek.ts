import { Buffer } from "node:buffer";
import { aroundKek, intermediateKek, type Kek, type KekErrorCode, localKek, passphraseKek, type Recipient } from "../../src/index.ts";
import { bytesOf, type VectorKek, type VectorResponse, vectorFile } from "./vector-file.ts";

/** The KEKs of a vector by name; each unwrap call adds the name to `attempts`. The KEKs inside an intermediate one are not recorded. */
export function keksOf(names: readonly string[], attempts: string[] = []): Kek[] {
  return names.map((name) =>
    aroundKek(kekOf(name), (operation, _call, run) => {
      if (operation === "unwrap") attempts.push(name);
      return run();
    }),
  );
}

function kekOf(name: string): Kek {
  const kek = vectorFile.keks[name];
  if (kek === undefined) throw new Error(`the vectors have no KEK ${name}`);
  const { keyRef, secret, passphrase, keyBlob, context, keks, responses } = kek;
  if (secret !== undefined) return localKek({ name: keyRef, secret: bytesOf(secret) });
  if (passphrase !== undefined) return passphraseKek({ name: keyRef, passphrase });
  if (keyBlob !== undefined)
    return intermediateKek({ keyId: keyRef, blob: bytesOf(keyBlob), context, keks: (keks ?? []).map(kekOf), maxAgeMs: 60_000 });
  if (responses !== undefined) return scriptedKek(kek, responses);
  throw new Error(`the KEK ${name} is of no kind that SPEC section 11 knows`);
}

class ScriptedError extends Error {
  readonly code: KekErrorCode;
  constructor(code: KekErrorCode) {
    super(code);
    this.code = code;
  }
}

/** The first response whose given fields equal the recipient's is the answer; none is "not-authentic". */
function scriptedKek({ provider, keyRef }: VectorKek, responses: readonly VectorResponse[]): Kek {
  return {
    provider,
    keyRef,
    bindsContext: false,
    authenticatesWrap: true,
    errorCode: (error) => (error instanceof ScriptedError ? error.code : "provider-error"),
    owns: (recipient) => recipient.provider === provider && recipient.keyRef === keyRef,
    wrap: async () => {
      throw new ScriptedError("kek-unusable");
    },
    unwrap: async (recipient) => {
      const answer = responses.find((response) => answers(response, recipient)) ?? { error: "not-authentic" };
      if (answer.key !== undefined) return bytesOf(answer.key);
      throw new ScriptedError((answer.error ?? "provider-error") as KekErrorCode);
    },
  };
}

function answers(response: VectorResponse, { wrapped, keyVersion }: Recipient): boolean {
  if (response.wrapped !== undefined && response.wrapped !== Buffer.from(wrapped).toString("hex")) return false;
  return response.keyVersion === undefined || response.keyVersion === (keyVersion ?? "");
}
