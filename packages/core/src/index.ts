export { type Aad, aad } from "./aad.ts";
export { aroundKek } from "./around-kek.ts";
export type { ByteSource } from "./byte-source.ts";
export type { ByteStream } from "./byte-stream.ts";
export type { Bytes } from "./bytes.ts";
export { type AsStored, asStored, type Context } from "./context.ts";
export { createDataKey, type DataKey, openDataKey } from "./data-key.ts";
export { type Attempt, type KekErrorCode, LetterlockError, type LetterlockErrorCode } from "./error.ts";
export { type HeaderInfo, inspect, type ObjectInfo } from "./inspect.ts";
export { createIntermediateKek, intermediateKek } from "./intermediate-kek.ts";
export type { Kek, KekCall, KekIdentity, KekOperation, KekUnwrapper, KekWrapper, Recipient, Suite, Usage, Wrapped } from "./kek.ts";
export { kekErrorCode } from "./kek-error-code.ts";
export { createKeyCache, type KeyCache } from "./key-cache.ts";
export { localKek } from "./local-kek.ts";
export { open } from "./open.ts";
export type {
  CallOptions,
  HeaderOptions,
  KeyOptions,
  OpenKeyOptions,
  OpenOptions,
  RekeyOptions,
  RewrapOptions,
  SealOptions,
  VerifyOptions,
} from "./options.ts";
export { passphraseKek } from "./passphrase-kek.ts";
export { type EnvelopeReader, openRange, openReader, type Range, type RangeSource } from "./range.ts";
export { type Refreshed, refresh } from "./refresh.ts";
export { rekey } from "./rekey.ts";
export { type Rewrap, rewrap, rewrapStream } from "./rewrap.ts";
export { seal } from "./seal.ts";
export { envelopeHead, headerOf, joinEnvelope, splitEnvelope } from "./split-envelope.ts";
export { openStream, sealStream } from "./stream.ts";
export { fromText, toText } from "./text.ts";
export { type VerifyReport, verify } from "./verify.ts";
