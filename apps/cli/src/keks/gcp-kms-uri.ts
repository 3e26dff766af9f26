import { usage } from "../failure.ts";

export interface GcpKmsUri {
  readonly provider: "gcp-kms";
  /** projects/P/locations/L/keyRings/R/cryptoKeys/K */
  readonly keyName: string;
}

const keyNamePattern = /^projects\/[A-Za-z0-9_.:-]+\/locations\/[a-z0-9-]+\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;

/** `rest`: what follows "gcp-kms://". */
export function parseGcpKmsUri(rest: string): GcpKmsUri {
  if (keyNamePattern.test(rest)) return { provider: "gcp-kms", keyName: rest };
  const [keyName = "", version] = rest.split("/cryptoKeyVersions/");
  if (version !== undefined && keyNamePattern.test(keyName)) {
    throw usage(`gcp-kms: a KEK is a key with all its versions: write gcp-kms://${keyName}`);
  }
  throw usage("gcp-kms: write gcp-kms://projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/NAME");
}
