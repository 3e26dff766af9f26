// The promise of api.d.ts, checked by tsc: what the package exports can be used wherever that file says it can. That no name is missing and
// none is added is api.test.ts, next to this file.

import type * as Package from "../src/index.ts";
import type * as Promised from "./api.d.ts";

type Assert<Truth extends true> = Truth;
type Assignable<From, To> = [From] extends [To] ? true : false;
type Both<A, B> = Assignable<A, B> extends true ? Assignable<B, A> : false;

export type Values = [Assert<Assignable<typeof Package, typeof Promised>>, Assert<Both<keyof typeof Package, keyof typeof Promised>>];

export type Types = [
  Assert<Both<Package.Bytes, Promised.Bytes>>,
  Assert<Both<Package.ByteSource, Promised.ByteSource>>,
  Assert<Both<Package.ByteStream, Promised.ByteStream>>,
  Assert<Both<Package.Context, Promised.Context>>,
  Assert<Both<Package.Suite, Promised.Suite>>,
  Assert<Both<Package.Usage, Promised.Usage>>,
  Assert<Both<Package.Aad, Promised.Aad>>,
  Assert<Both<Package.Recipient, Promised.Recipient>>,
  Assert<Both<Package.Wrapped, Promised.Wrapped>>,
  Assert<Both<Package.KekCall, Promised.KekCall>>,
  Assert<Both<Package.KekIdentity, Promised.KekIdentity>>,
  Assert<Both<Package.KekWrapper, Promised.KekWrapper>>,
  Assert<Both<Package.KekUnwrapper, Promised.KekUnwrapper>>,
  Assert<Both<Package.Kek, Promised.Kek>>,
  Assert<Both<Package.KekOperation, Promised.KekOperation>>,
  Assert<Both<Package.CallOptions, Promised.CallOptions>>,
  Assert<Both<Package.KeyOptions, Promised.KeyOptions>>,
  Assert<Both<Package.SealOptions, Promised.SealOptions>>,
  Assert<Both<Package.AsStored, Promised.AsStored>>,
  Assert<Both<Package.HeaderOptions, Promised.HeaderOptions>>,
  Assert<Both<Package.OpenOptions, Promised.OpenOptions>>,
  Assert<Both<Package.OpenKeyOptions, Promised.OpenKeyOptions>>,
  Assert<Both<Package.RewrapOptions, Promised.RewrapOptions>>,
  Assert<Both<Package.VerifyOptions, Promised.VerifyOptions>>,
  Assert<Both<Package.RangeSource, Promised.RangeSource>>,
  Assert<Both<Package.Range, Promised.Range>>,
  Assert<Both<Package.EnvelopeReader, Promised.EnvelopeReader>>,
  Assert<Both<Package.Rewrap, Promised.Rewrap>>,
  Assert<Both<Package.Refreshed, Promised.Refreshed>>,
  Assert<Both<Package.RekeyOptions, Promised.RekeyOptions>>,
  Assert<Both<Package.HeaderInfo, Promised.HeaderInfo>>,
  Assert<Both<Package.ObjectInfo, Promised.ObjectInfo>>,
  Assert<Both<Package.VerifyReport, Promised.VerifyReport>>,
  Assert<Both<Package.DataKey, Promised.DataKey>>,
  Assert<Both<Package.KeyCache, Promised.KeyCache>>,
  Assert<Both<Package.KekErrorCode, Promised.KekErrorCode>>,
  Assert<Both<Package.LetterlockErrorCode, Promised.LetterlockErrorCode>>,
  Assert<Both<Package.Attempt, Promised.Attempt>>,
  Assert<Both<Package.LetterlockError, Promised.LetterlockError>>,
];

// The assertions themselves can fail.
export type Refusals = [
  // @ts-expect-error: another parameter
  Assert<Assignable<{ seal(plaintext: string): Promise<Uint8Array> }, Pick<typeof Promised, "seal">>>,
  // @ts-expect-error: a missing function
  Assert<Assignable<Omit<typeof Promised, "open">, typeof Promised>>,
  // @ts-expect-error: an added member of a union
  Assert<Both<Promised.Usage | "other", Promised.Usage>>,
  // @ts-expect-error: a required member that was optional
  Assert<Both<Required<Promised.SealOptions>, Promised.SealOptions>>,
];
