import type { Kek } from "@letterlock/core";
import { usage } from "../failure.ts";
import { providerSource } from "./adapters.ts";
import type { KekSource } from "./kek-source.ts";
import type { KekUri } from "./kek-uri.ts";
import { keyFileKek } from "./key-file.ts";

/**
 * A KEK that says which recipients are its own, and that nobody calls. It may be gone: no credentials, no passphrase and no key blob are needed, and no key file where
 * the URI has the name of the key.
 */
export async function uncalledSource(uri: KekUri): Promise<KekSource> {
  switch (uri.provider) {
    case "passphrase":
      return unconnected(identity(uri.provider, uri.name));
    case "intermediate":
      return unconnected(identity(uri.provider, uri.keyId));
    case "local":
      return unconnected(uri.name === undefined ? fileKek(uri.path) : identity(uri.provider, uri.name));
    case "gcp-kms":
      // Its client looks for credentials as soon as it is made, and warns where it finds none.
      return unconnected(identity(uri.provider, uri.keyName));
    default:
      return providerSource(uri, { called: false });
  }
}

function fileKek(path: string): Kek {
  try {
    return keyFileKek(path, undefined);
  } catch (error) {
    throw usage(`${(error as Error).message}; the name of the key is all that is needed of it here: write local:PATH#NAME`);
  }
}

function identity(provider: string, keyRef: string): Kek {
  const refused = (): never => {
    throw new Error(`${provider} ${keyRef} was only named, and is not there to be called`);
  };
  return {
    ...{ provider, keyRef, bindsContext: false, authenticatesWrap: true, errorCode: () => "provider-error" },
    owns: (recipient) => recipient.provider === provider && recipient.keyRef === keyRef,
    wrap: refused,
    unwrap: refused,
  };
}

function unconnected(kek: Kek): KekSource {
  return { create: () => kek, close: async () => {} };
}
