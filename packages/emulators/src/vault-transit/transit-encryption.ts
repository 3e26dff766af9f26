import { randomBytes } from "node:crypto";
import type { Answer } from "./answer.ts";
import { requireBase64 } from "./base64.ts";
import { type Fields, integerField, textField } from "./fields.ts";
import { Refusal } from "./refusal.ts";
import { answerBatch, batchItems, QuietRefusal } from "./transit-batch.ts";
import { type Binding, decryptText, encryptText, encryptVersion } from "./transit-ciphertext.ts";
import { keyType, type TransitKey } from "./transit-key.ts";
import type { TransitMount } from "./transit-mount.ts";

const missingPlaintext = "missing plaintext to encrypt";
const missingCiphertext = "missing ciphertext to decrypt";

/** Makes the key if there is none, unless that is switched off: a misspelt name does not fail. */
export function encrypt(mount: TransitMount, name: string, fields: Fields): Answer {
  const batch = batchItems(fields, { field: "plaintext", missing: missingPlaintext });
  if (batch === undefined && textField(fields, "plaintext") === undefined) throw new Refusal(400, missingPlaintext);
  const items = batch ?? [fields];
  const key = mount.find(name) ?? upsert(mount, name, fields, items);
  const one = (item: Fields, index: number): Fields => {
    refuseAssociatedData(key, item, index);
    refuseSoftDeleted(key);
    const version = encryptVersion(key, versionField(item));
    return {
      ciphertext: encryptText(key, version, requireBase64(textField(item, "plaintext") ?? ""), binding(item)),
      key_version: version,
    };
  };
  return batch === undefined ? { data: one(fields, 0) } : answerBatch(batch, fields, one, {});
}

export function decrypt(mount: TransitMount, name: string, fields: Fields): Answer {
  const batch = batchItems(fields, { field: "ciphertext", missing: missingCiphertext });
  if (batch === undefined) requireCiphertext(fields);
  const key = requireKey(mount, name);
  const one = (item: Fields, index: number): Fields => {
    refuseAssociatedData(key, item, index);
    refuseSoftDeleted(key);
    return { plaintext: decryptText(key, requireCiphertext(item), binding(item)).toString("base64") };
  };
  return batch === undefined ? { data: one(fields, 0) } : answerBatch(batch, fields, one, { plaintext: "" });
}

/** Knows no associated_data, so a ciphertext that was made with it always fails; and a batch with failures is 200. */
export function rewrap(mount: TransitMount, name: string, fields: Fields): Answer {
  const batch = batchItems(fields, undefined);
  if (batch === undefined) requireCiphertext(fields);
  const key = requireKey(mount, name);
  const one = (item: Fields): Fields => {
    refuseSoftDeleted(key);
    const withoutData = { ...binding(item), associatedData: undefined };
    const plaintext = decryptText(key, requireCiphertext(item), withoutData);
    const version = encryptVersion(key, versionField(item));
    return { ciphertext: encryptText(key, version, plaintext, withoutData), key_version: version };
  };
  if (batch === undefined) return { data: one(fields) };
  return { ...answerBatch(batch, fields, one, {}), status: 200 };
}

export function dataKey(mount: TransitMount, name: string, form: string, fields: Fields): Answer {
  if (form !== "plaintext" && form !== "wrapped") throw new Refusal(400, "Invalid path, must be 'plaintext' or 'wrapped'");
  const key = requireKey(mount, name);
  const bits = integerField(fields, "bits") ?? 256;
  refuseSoftDeleted(key);
  if (![128, 256, 512].includes(bits)) throw new Refusal(400, "invalid bit length");
  const plaintext = randomBytes(bits / 8);
  const ciphertext = encryptText(key, key.latest, plaintext, binding(fields));
  return { data: { ciphertext, key_version: key.latest, ...(form === "plaintext" ? { plaintext: plaintext.toString("base64") } : {}) } };
}

function upsert(mount: TransitMount, name: string, fields: Fields, items: readonly Fields[]): TransitKey {
  if (mount.upsertDisabled) throw new Refusal(400, "encryption key not found");
  const derived = (textField(items[0] ?? {}, "context") ?? "") !== "";
  const convergent = fields.convergent_encryption === true;
  if (convergent && !derived) throw new Refusal(400, "convergent encryption requires derivation to be enabled, so context is required");
  return mount.create({ name, type: textField(fields, "type"), derived, convergent });
}

function requireKey(mount: TransitMount, name: string): TransitKey {
  const key = mount.find(name);
  if (key === undefined) throw new Refusal(400, "encryption key not found");
  return key;
}

function requireCiphertext(item: Fields): string {
  const ciphertext = textField(item, "ciphertext") ?? "";
  if (ciphertext === "") throw new Refusal(400, missingCiphertext);
  return ciphertext;
}

function refuseSoftDeleted({ softDeleted }: TransitKey): void {
  if (softDeleted) throw new Refusal(400, "refusing to use soft-deleted key");
}

function refuseAssociatedData({ type }: TransitKey, item: Fields, index: number): void {
  if (keyType(type).kind === "aead" || (textField(item, "associated_data") ?? "") === "") return;
  throw new QuietRefusal(400, `'[${index}].associated_data' provided for non-AEAD cipher suite ${type}`);
}

function versionField(item: Fields): number {
  return integerField(item, "key_version", "") ?? 0;
}

function binding(item: Fields): Binding {
  return { context: textField(item, "context"), associatedData: textField(item, "associated_data") };
}
