import { randomBytes } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { type Fields, integerField, textField } from "./fields.ts";
import { Refusal } from "./refusal.ts";
import { refuseComplexity } from "./transit-batch.ts";
import { dataKey, decrypt, encrypt, rewrap } from "./transit-encryption.ts";
import { keyType } from "./transit-key.ts";
import { configureKey, configureKeys, createKey, deleteKey, listKeys, readKey, rotateKey, softDeleteKey, trimKey } from "./transit-keys.ts";
import type { TransitMount } from "./transit-mount.ts";
import type { TransitOperation, TransitRoute } from "./transit-route.ts";

export function answerTransit(mount: TransitMount, clock: Clock, route: TransitRoute, fields: Fields): Answer | undefined {
  refuseComplexity(fields);
  const answer = dispatch(mount, clock, route, fields);
  const ignored = unrecognised(route, fields);
  return answer === undefined || ignored.length === 0 ? answer : { ...answer, warnings: [...(answer.warnings ?? []), ...ignored] };
}

function dispatch(mount: TransitMount, clock: Clock, route: TransitRoute, fields: Fields): Answer | undefined {
  const { operation, key = "", detail = "" } = route;
  switch (operation) {
    case "encrypt":
      return encrypt(mount, key, fields);
    case "decrypt":
      return decrypt(mount, key, fields);
    case "rewrap":
      return rewrap(mount, key, fields);
    case "datakey":
      return dataKey(mount, key, detail, fields);
    case "keys/list":
      return listKeys(mount);
    case "keys/read":
      return readKey(mount, key);
    case "keys/create":
      return createKey(mount, key, fields);
    case "keys/delete":
      return deleteKey(mount, key);
    case "keys/config":
      return configureKey(mount, key, fields);
    case "keys/rotate":
      return rotateKey(mount, key, clock);
    case "keys/trim":
      return trimKey(mount, key, fields);
    case "keys/soft-delete":
      return softDeleteKey(mount, key, true);
    case "keys/soft-delete-restore":
      return softDeleteKey(mount, key, false);
    case "config/keys":
      return configureKeys(mount, fields);
    case "export":
      return exportKey(mount, route);
    case "random":
      return random(detail === "" ? (integerField(fields, "bytes") ?? 32) : Number(detail), textField(fields, "format") ?? "base64");
  }
}

function exportKey(mount: TransitMount, { key: name = "", detail, version }: TransitRoute): Answer {
  if (detail !== "encryption-key") throw new Refusal(400, `invalid export type: ${detail}`);
  const key = mount.find(name);
  if (key === undefined) throw new Refusal(404);
  if (!key.exportable) throw new Refusal(400, "private key material is not exportable");
  if (keyType(key.type).kind === "signing") throw new Refusal(400, "encryption not supported for the key");
  const wanted = version === undefined ? undefined : version === "latest" ? key.latest : Number(version);
  if (wanted !== undefined && !key.versions.has(wanted)) throw new Refusal(400, "version does not exist or cannot be found");
  const keys = [...key.versions].filter(([number]) => number >= key.minDecryption && (wanted === undefined || number === wanted));
  const shown = keys.map(([number, { material }]) => [
    String(number),
    material.type === "secret" ? material.export().toString("base64") : material.export({ type: "pkcs1", format: "pem" }),
  ]);
  return { data: { keys: Object.fromEntries(shown), name: key.name, type: key.type } };
}

function random(bytes: number, format: string): Answer {
  if (bytes < 1) throw new Refusal(400, "'bytes' cannot be less than 1");
  if (bytes > 128 * 1024) throw new Refusal(400, "'bytes' should be less than 131072");
  if (format !== "base64" && format !== "hex") throw new Refusal(400, `unsupported encoding format ${format}; must be "hex" or "base64"`);
  return { data: { random_bytes: randomBytes(bytes).toString(format) } };
}

const itemFields = ["context", "associated_data", "key_version", "batch_input", "partial_failure_response_code"];
const recognised: Readonly<Partial<Record<TransitOperation, readonly string[]>>> = {
  encrypt: [...itemFields, "plaintext", "type", "convergent_encryption"],
  decrypt: [...itemFields, "ciphertext"],
  rewrap: ["context", "key_version", "batch_input", "ciphertext"],
  datakey: ["context", "associated_data", "bits", "key_version"],
};

/** Fields that a path does not know change nothing but the warnings. */
function unrecognised({ operation }: TransitRoute, fields: Fields): readonly string[] {
  const known = recognised[operation];
  if (known === undefined) return [];
  const names = Object.keys(fields).sort();
  const fromPath = names.filter((name) => name === "name");
  const unknown = names.filter((name) => name !== "name" && !known.includes(name));
  return [
    ...(unknown.length === 0 ? [] : [`Endpoint ignored these unrecognized parameters: [${unknown.join(" ")}]`]),
    ...(fromPath.length === 0
      ? []
      : ["Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [name]"]),
  ];
}
