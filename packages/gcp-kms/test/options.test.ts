import { KeyManagementServiceClient } from "@google-cloud/kms";
import { KeyManagementServiceClient as KeyManagementServiceClient5 } from "@google-cloud/kms-v5";
import { describe, expect, test } from "vitest";
import { type GcpKmsClient, type GcpKmsOptions, gcpKms } from "../src/index.ts";

const keyName = "projects/p-1/locations/europe-west1/keyRings/ring_1/cryptoKeys/Key-1";
const client: GcpKmsClient = {
  encrypt: async () => expect.unreachable("nothing is called"),
  decrypt: async () => expect.unreachable("nothing is called"),
  getCryptoKey: async () => expect.unreachable("nothing is called"),
};

/** That it compiles is the test. */
export function takesBothVersionsOfTheClient(): GcpKmsOptions[] {
  return [
    { client: new KeyManagementServiceClient(), keyName },
    { client: new KeyManagementServiceClient({ fallback: true }), keyName },
    { client: new KeyManagementServiceClient5(), keyName },
  ];
}

describe("gcpKms", () => {
  test.each([
    keyName,
    "projects/example.com:legacy/locations/global/keyRings/r/cryptoKeys/k",
    "projects/123456789012/locations/global/keyRings/r/cryptoKeys/k",
  ])("takes %s", (name) => {
    expect(gcpKms({ client, keyName: name }).keyRef).toBe(name);
  });

  test.each([
    [`${keyName}/cryptoKeyVersions/1`, "without a version"],
    ["Key-1", "the bare name of a key"],
    [`/${keyName}`, "keyName must be"],
    [keyName.replace("p-1", "My-Project"), "the part after projects/ is an ID of lower-case letters"],
    [keyName.replace("europe-west1", "Europe"), "the part after locations/ has lower-case letters"],
    [keyName.replace("ring_1", "ring 1"), "the part after keyRings/ has 1 to 63 letters"],
    [keyName.replace("Key-1", "Key.1"), "the part after cryptoKeys/ has 1 to 63 letters"],
    [keyName.replace("keyRings", "keyrings"), "/keyRings/ is missing"],
    [`${keyName}/x`, "nothing after it"],
    [`https://cloudkms.googleapis.com/v1/${keyName}`, "keyName must be"],
    [`${keyName}/`, "keyName must be"],
    [`${keyName}:encrypt`, "keyName must be"],
    [keyName.replace("ring_1", ".."), "keyName must be"],
    [keyName.replace("p-1", ".."), "keyName must be"],
    [keyName.replace("p-1", "p 1"), "keyName must be"],
    [keyName.replace("p-1", "p%2f1"), "keyName must be"],
    [`${keyName}\n`, "keyName must be"],
    [keyName.replace("Key-1", "k".repeat(64)), "keyName must be"],
    [keyName.replace("p-1", "p".repeat(250)), "at most 255 bytes"],
    ["", "keyName must be"],
    [undefined, "keyName must be"],
    [7, "keyName must be"],
  ])("refuses the name %j", (name, advice) => {
    const build = (): unknown => gcpKms({ client, keyName: name as string });
    expect(build).toThrow(TypeError);
    expect(build).toThrow(advice);
  });

  test.each([undefined, null, {}, "client", { encrypt: () => undefined }])("refuses the client %j", (wrong) => {
    expect(() => gcpKms({ client: wrong as never, keyName })).toThrow(/client must be a KeyManagementServiceClient/);
  });

  test("refuses an unknown option", () => {
    const options = { client, keyName, timeoutMs: 5 };
    expect(() => gcpKms(options)).toThrow(new TypeError('unknown option "timeoutMs"; known are client, keyName'));
  });

  test.each([undefined, null, "options"])("refuses %j instead of options", (options) => {
    expect(() => gcpKms(options as never)).toThrow(TypeError);
  });
});
