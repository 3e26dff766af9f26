import type { KekIdentity, KekWrapper, Wrapped } from "@letterlock/core";

/** The members of `kek` that every KEK has, without those that call the service. */
export function identityOf(kek: KekIdentity): KekIdentity {
  const { provider, keyRef, bindsContext, authenticatesWrap } = kek;
  return { provider, keyRef, bindsContext, authenticatesWrap, errorCode: (error) => kek.errorCode(error) };
}

/** Wraps in the name of `kek`: how the suite puts chosen bytes into a header. */
export function standIn(kek: KekIdentity, wrap: KekWrapper["wrap"]): KekWrapper {
  return { ...identityOf(kek), wrap };
}

export function givesBytes(kek: KekIdentity, { wrapped, keyVersion }: Wrapped): KekWrapper {
  return standIn(kek, async () => ({ wrapped, keyVersion }));
}
