import type { GcpKmsClient } from "./kms-client.ts";

export interface GcpKmsOptions {
  /** Credentials, endpoint and transport are the client's. Its retries and time limits are not used: a call is made once and ends within `gcpKmsTimeoutMs`. */
  readonly client: GcpKmsClient;
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`. Never a version of it: the service encrypts with the primary one, and finds the one to decrypt with. */
  readonly keyName: string;
}

const known = ["client", "keyName"];
const key = /^projects\/[a-z0-9][a-z0-9.:-]*\/locations\/[a-z0-9-]+\/keyRings\/[a-zA-Z0-9_-]{1,63}\/cryptoKeys\/[a-zA-Z0-9_-]{1,63}$/;
/** SPEC section 3: a keyRef has at most 255 bytes. */
const mostKeyNameBytes = 255;

/** Checks and copies. Misuse is a `TypeError` that says what to write. */
export function readOptions(options: GcpKmsOptions): GcpKmsOptions {
  if (typeof options !== "object" || options === null) throw new TypeError(`options must be an object with ${known.join(" and ")}`);
  for (const name in options) {
    if (!known.includes(name)) throw new TypeError(`unknown option ${JSON.stringify(name)}; known are ${known.join(", ")}`);
  }
  const { client, keyName } = options;
  if (![client?.encrypt, client?.decrypt, client?.getCryptoKey].every((method) => typeof method === "function")) {
    throw new TypeError("client must be a KeyManagementServiceClient of @google-cloud/kms");
  }
  if (typeof keyName !== "string" || !key.test(keyName) || keyName.length > mostKeyNameBytes) {
    throw new TypeError(`keyName must be projects/P/locations/L/keyRings/R/cryptoKeys/K${advice(keyName)}`);
  }
  return { client, keyName };
}

function advice(keyName: unknown): string {
  if (typeof keyName !== "string") return "";
  if (keyName.includes("/cryptoKeyVersions/")) return ", without a version: cut it off from /cryptoKeyVersions/ on";
  if (keyName.length > mostKeyNameBytes) return ", of at most 255 bytes";
  return keyName.startsWith("projects/") ? "" : ": the bare name of a key means another key in another project";
}
