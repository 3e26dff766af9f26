import type { Answer } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { booleanField, type Fields, integerField, secondsField, textField } from "./fields.ts";
import { oneError, Refusal } from "./refusal.ts";
import { describeTransitKey, rotateTransitKey, type TransitKey } from "./transit-key.ts";
import type { TransitMount } from "./transit-mount.ts";

const shortestRotationSeconds = 3600;

export function listKeys({ keys }: TransitMount): Answer {
  const names = [...keys.keys()].sort();
  if (names.length === 0) throw new Refusal(404);
  return { data: { keys: names } };
}

export function readKey(mount: TransitMount, name: string): Answer {
  return described(mount.find(name) ?? notThere(new Refusal(404)));
}

/** A key that is there stays as it is, whatever is asked for. */
export function createKey(mount: TransitMount, name: string, fields: Fields): Answer {
  const key =
    mount.find(name) ??
    mount.create({
      name,
      type: textField(fields, "type"),
      derived: booleanField(fields, "derived"),
      convergent: booleanField(fields, "convergent_encryption"),
      exportable: booleanField(fields, "exportable"),
    });
  return described(key);
}

export function deleteKey(mount: TransitMount, name: string): undefined {
  const key = mount.find(name) ?? notThere(new Refusal(400, `error deleting policy ${name}: could not delete key; not found`));
  if (!key.deletionAllowed) throw new Refusal(400, `error deleting policy ${name}: deletion is not allowed for this key`);
  mount.keys.delete(name);
}

export function rotateKey(mount: TransitMount, name: string, clock: Clock): Answer {
  const key = mount.find(name) ?? notThere(new Refusal(400, "key not found"));
  if (key.softDeleted) throw new Refusal(500, oneError("refusing to use soft-deleted key"));
  rotateTransitKey(clock, key);
  return described(key);
}

export function softDeleteKey(mount: TransitMount, name: string, deleted: boolean): Answer | undefined {
  const key = mount.find(name);
  if (key === undefined) return undefined;
  const same = key.softDeleted === deleted;
  key.softDeleted = deleted;
  const already = deleted ? "key was already marked as soft deleted" : "key was already restored";
  return { ...described(key), warnings: same ? [already] : [] };
}

export function configureKey(mount: TransitMount, name: string, fields: Fields): Answer {
  const key = mount.find(name) ?? notThere(new Refusal(400, `no existing key named ${name} could be found`));
  const minDecryption = minimum(key, "decryption", integerField(fields, "min_decryption_version")) ?? key.minDecryption;
  const minEncryption = minimum(key, "encryption", integerField(fields, "min_encryption_version")) ?? key.minEncryption;
  const decryption = Math.max(1, minDecryption);
  if (minEncryption > 0 && minEncryption < decryption) {
    throw new Refusal(
      400,
      `cannot set min encryption/decryption values; min encryption version of ${minEncryption} must be greater than or equal to min decryption version of ${decryption}`,
    );
  }
  if (decryption < key.minAvailable) throw new Refusal(400, "min decryption version should not be less then min available version");
  const period = secondsField(fields, "auto_rotate_period") ?? key.autoRotateSeconds;
  if (period !== 0 && period < shortestRotationSeconds)
    throw new Refusal(400, "auto rotate period must be 0 to disable or at least an hour");
  key.minDecryption = decryption;
  key.minEncryption = minEncryption;
  key.autoRotateSeconds = period;
  key.deletionAllowed = booleanField(fields, "deletion_allowed") ?? key.deletionAllowed;
  // Both can be switched on and never off again.
  key.exportable ||= booleanField(fields, "exportable") ?? false;
  key.plaintextBackup ||= booleanField(fields, "allow_plaintext_backup") ?? false;
  return described(key);
}

export function trimKey(mount: TransitMount, name: string, fields: Fields): Answer {
  const key = mount.find(name) ?? notThere(new Refusal(400, "invalid key name"));
  const wanted = integerField(fields, "min_available_version");
  if (wanted === undefined) throw new Refusal(400, "missing min_available_version");
  if (wanted < key.minAvailable) throw new Refusal(400, "minimum available version cannot be decremented");
  if (key.minEncryption === 0) {
    throw new Refusal(400, "minimum available version cannot be set when minimum encryption version is not set");
  }
  if (wanted > key.minEncryption) throw new Refusal(400, "minimum available version cannot be greater than minmum encryption version");
  if (wanted > key.minDecryption) throw new Refusal(400, "minimum available version cannot be greater than minimum decryption version");
  key.minAvailable = wanted;
  for (const version of key.versions.keys()) if (version < wanted) key.versions.delete(version);
  return described(key);
}

export function configureKeys(mount: TransitMount, fields: Fields): Answer {
  mount.upsertDisabled = booleanField(fields, "disable_upsert") ?? mount.upsertDisabled;
  return { data: { disable_upsert: mount.upsertDisabled } };
}

function minimum(key: TransitKey, of: "decryption" | "encryption", wanted: number | undefined): number | undefined {
  if (wanted === undefined) return undefined;
  if (wanted < 0) throw new Refusal(400, `min ${of} version cannot be negative`);
  if (wanted > key.latest) throw new Refusal(400, `cannot set min ${of} version of ${wanted}, latest key version is ${key.latest}`);
  return wanted;
}

function described(key: TransitKey): Answer {
  return { data: describeTransitKey(key) };
}

function notThere(refusal: Refusal): never {
  throw refusal;
}
