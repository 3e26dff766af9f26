import { describe, expect, it } from "vitest";
import { parseKekUri } from "../src/keks/kek-uri.ts";

const arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const gcpName = "projects/acme/locations/europe-west1/keyRings/ring/cryptoKeys/orders";
const vault = {
  provider: "vault-transit",
  endpoint: "https://vault.example.com:8200",
  mount: "transit",
  keyName: "app",
  cluster: undefined,
  namespace: undefined,
  derived: false,
};

describe("a KEK's URI", () => {
  it.each([
    [`aws-kms://${arn}`, { provider: "aws-kms", keyArn: arn, region: "eu-west-1" }],
    [
      "aws-kms://arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234",
      { provider: "aws-kms", keyArn: "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234", region: "us-gov-west-1" },
    ],
    [`gcp-kms://${gcpName}`, { provider: "gcp-kms", keyName: gcpName }],
    [
      "gcp-kms://projects/example.com:acme/locations/global/keyRings/r/cryptoKeys/k_1-x",
      { provider: "gcp-kms", keyName: "projects/example.com:acme/locations/global/keyRings/r/cryptoKeys/k_1-x" },
    ],
    [
      "azure-key-vault://Acme.vault.azure.net/keys/orders",
      { provider: "azure-key-vault", vaultUrl: "https://acme.vault.azure.net", keyName: "orders", loopback: false },
    ],
    [
      "azure-key-vault://localhost:8443/keys/a-1",
      { provider: "azure-key-vault", vaultUrl: "https://localhost:8443", keyName: "a-1", loopback: true },
    ],
    ["vault-transit://vault.example.com:8200/transit/app", vault],
    ["vault-transit://vault.example.com/transit/app", { ...vault, endpoint: "https://vault.example.com" }],
    ["vault-transit://vault.example.com:8200/team/a/transit/app", { ...vault, mount: "team/a/transit" }],
    [
      "vault-transit://vault.example.com:8200/transit/app?cluster=east&derived=true&namespace=admin/team",
      { ...vault, cluster: "east", namespace: "admin/team", derived: true },
    ],
    ["vault-transit://127.0.0.1:8200/transit/app?tls=false&derived=false", { ...vault, endpoint: "http://127.0.0.1:8200", derived: false }],
    ["vault-transit://[::1]:8200/transit/app?tls=false", { ...vault, endpoint: "http://[::1]:8200" }],
    ["vault-transit://vault.example.com:8200/transit/app?tls=true", vault],
  ])("%s", (uri, parsed) => {
    expect(parseKekUri(uri, ".")).toEqual(parsed);
  });

  const writeAws = "write aws-kms://ARN";
  const writeAzure = "write azure-key-vault://NAME.vault.azure.net/keys/KEY";
  const writeVault = "write vault-transit://HOST[:PORT]/MOUNT/KEY";
  it.each([
    ["aws-kms:", writeAws],
    [`aws-kms:${arn}`, writeAws],
    ["aws-kms://1234abcd-12ab-34cd-56ef-1234567890ab", writeAws],
    [`aws-kms://${arn}?region=eu-west-1`, writeAws],
    [`aws-kms://${arn} `, writeAws],
    ["aws-kms://alias/app", "an alias can be pointed at another key"],
    ["aws-kms://arn:aws:kms:eu-west-1:111122223333:alias/app", "an alias can be pointed at another key"],
    ["gcp-kms://projects/acme", "write gcp-kms://projects/PROJECT/"],
    [`gcp-kms:/${gcpName}`, "write gcp-kms://projects/PROJECT/"],
    [`gcp-kms://${gcpName}/`, "write gcp-kms://projects/PROJECT/"],
    [`gcp-kms://${gcpName}/cryptoKeyVersions/3`, `write gcp-kms://${gcpName}`],
    ["azure-key-vault://", `the host is missing: ${writeAzure}`],
    ["azure-key-vault://acme.vault.azure.net", `the path of a key is /keys/NAME: ${writeAzure}`],
    ["azure-key-vault://acme.vault.azure.net/secrets/x", "the path of a key is /keys/NAME"],
    ["azure-key-vault://acme.vault.azure.net/keys/a_b", "the path of a key is /keys/NAME"],
    ["azure-key-vault://acme.vault.azure.net/keys/a/0123", "write azure-key-vault://acme.vault.azure.net/keys/a"],
    ["azure-key-vault://acme/keys/a", "acme is no vault: write its whole host"],
    ["azure-key-vault://acme.vault.azure.net:444/keys/a", "without a port"],
    ["azure-key-vault://https://acme.vault.azure.net/keys/a", "https: is no host"],
    ["vault-transit://vault.example.com", `the path is MOUNT/KEY, of letters, digits, dots, dashes and underscores: ${writeVault}`],
    ["vault-transit://vault.example.com/app", "the path is MOUNT/KEY"],
    ["vault-transit://vault.example.com/transit/app/", "the path is MOUNT/KEY"],
    ["vault-transit://vault.example.com/transit//app", "the path is MOUNT/KEY"],
    ["vault-transit://vault.example.com/transit/../app", "the path is MOUNT/KEY"],
    ["vault-transit://vault.example.com/transit/%2e%2e", "the path is MOUNT/KEY"],
    ["vault-transit://vault.example.com/transit/app#x", "the path is MOUNT/KEY"],
    ["vault-transit://vault.example.com:0/transit/app", "vault.example.com:0 is no host"],
    ["vault-transit://vault.example.com:65536/transit/app", "vault.example.com:65536 is no host"],
    ["vault-transit://[::g]/transit/app", "is no host"],
    ["vault-transit:///transit/app", "the host is missing"],
    ["vault-transit://v.example.com/transit/app?", "? is unknown: it takes cluster, derived, namespace, tls"],
    ["vault-transit://v.example.com/transit/app?mount=x", "?mount is unknown: it takes cluster, derived, namespace, tls"],
    ["vault-transit://v.example.com/transit/app?constructor=x", "?constructor is unknown"],
    ["vault-transit://v.example.com/transit/app?derived", "derived: write derived=true"],
    ["vault-transit://v.example.com/transit/app?derived=yes", "derived=yes: write derived=true"],
    ["vault-transit://v.example.com/transit/app?derived=true&derived=true", "derived is given twice"],
    ["vault-transit://v.example.com/transit/app?cluster=", "cluster=: write cluster=NAME"],
    ["vault-transit://v.example.com/transit/app?cluster=a/b", "write cluster=NAME"],
    ["vault-transit://v.example.com/transit/app?namespace=a//b", "write namespace=NAME"],
    ["vault-transit://v.example.com/transit/app?tls=no", "write tls=false"],
    ["vault-transit://v.example.com/transit/app?tls=false", "tls=false is for this machine alone"],
    ["vault-transit://127.0.0.1.example.com/transit/app?tls=false", "tls=false is for this machine alone"],
    ["vault-transit://vault.ex\u212Ample.com/transit/app", "is no host"],
    ["azure-key-vault://\u212Aeys.vault.azure.net/keys/a", "is no host"],
    ["azure-key-vault://0x7f.1/keys/a", "0x7f.1 is another way to write 127.0.0.1"],
    ["azure-key-vault://127.1/keys/a", "127.1 is another way to write 127.0.0.1"],
    ["azure-key-vault://2130706433.0/keys/a", "is no host"],
    ["azure-key-vault://0177.0.0.1/keys/a", "0177.0.0.1 is another way to write 127.0.0.1"],
    ["azure-key-vault://[0:0:0:0:0:0:0:1]:8443/keys/a", "is another way to write [::1]"],
    ["azure-key-vault://[::ffff:7f00:1]/keys/a", "is no host"],
    ["azure-key-vault://0.0.0.0/keys/a", "is no host"],
    ["vault-transit://[::]/transit/app", "is no host"],
    ["gcp-kms://projects/Foo/locations/l/keyRings/r/cryptoKeys/k", "gcp-kms: after projects/ comes an ID of lower-case letters"],
    ["gcp-kms://projects/foo/locations/EU/keyRings/r/cryptoKeys/k", "gcp-kms: after locations/ come lower-case letters"],
    ["gcp-kms://projects/foo/locations/eu/keyRings/r.r/cryptoKeys/k", "gcp-kms: after keyRings/ come 1 to 63 letters"],
    [`gcp-kms://projects/foo/locations/eu/keyRings/r/cryptoKeys/${"k".repeat(64)}`, "gcp-kms: after cryptoKeys/ come 1 to 63 letters"],
  ])("%s is refused", (uri, message) => {
    expect(() => parseKekUri(uri, ".")).toThrow(expect.objectContaining({ failure: "usage", message: expect.stringContaining(message) }));
  });

  it.each([
    "vault-transit://hvs.SECRET@vault.example.com/transit/app",
    "azure-key-vault://user:hvs.SECRET@acme.vault.azure.net/keys/a",
    "vault-transit://v.example.com/transit/app?token=hvs.SECRET",
    "vault-transit://user:SECRET/1@vault.example.com/transit/app",
    "vault-transit://user:SECRET?1@vault.example.com/transit/app",
    "vault-transit://v.example.com/transit/app?SECRET@=x",
    "azure-key-vault://user:SECRET/1@acme.vault.azure.net/keys/a",
    "azure-key-vault://user:SECRET#1@acme.vault.azure.net/keys/a",
    "Vault-Transit://user:SECRET@vault.example.com/transit/app",
  ])("%s: what may be a secret is not repeated", (uri) => {
    expect(() => parseKekUri(uri, ".")).toThrow(expect.objectContaining({ message: expect.not.stringContaining("SECRET") }));
  });
});
