import type { Attributes } from "@opentelemetry/api";

/**
 * What a KEK's name says in the words of OpenTelemetry's semantic conventions, beside our own. `cloud.*` are in the registry as attributes of a resource; here they
 * say where the key is, not the process.
 */
export function keyAttributes({ provider, keyRef }: { readonly provider: string; readonly keyRef: string }): Attributes {
  return { "letterlock.provider": provider, "letterlock.key_ref": keyRef, ...placeOf(provider, keyRef) };
}

/** The same for a metric. Each tenant has an intermediate KEK, and a name in each would be a series for each, so there it is left out. */
export function seriesAttributes(kek: { readonly provider: string; readonly keyRef: string }): Attributes {
  return kek.provider === "intermediate" ? { "letterlock.provider": kek.provider } : keyAttributes(kek);
}

function placeOf(provider: string, keyRef: string): Attributes {
  switch (provider) {
    case "aws-kms": {
      const [, , , region, account] = keyRef.split(":");
      return { "cloud.provider": "aws", ...named("cloud.region", region), ...named("cloud.account.id", account) };
    }
    case "gcp-kms": {
      const [, project, , location] = keyRef.split("/");
      return { "cloud.provider": "gcp", ...named("cloud.region", location), ...named("cloud.account.id", project) };
    }
    case "azure-key-vault":
      return { "cloud.provider": "azure", ...named("server.address", URL.parse(keyRef)?.hostname) };
    default:
      return {};
  }
}

function named(name: string, value: string | undefined): Attributes {
  return value === undefined || value === "" ? {} : { [name]: value };
}
