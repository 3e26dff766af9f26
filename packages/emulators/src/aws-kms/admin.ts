import type { EmulatorAdmin } from "../server/emulator.ts";
import type { Faults } from "../server/faults.ts";
import type { RequestLog } from "../server/request-log.ts";
import type { AwsKmsDenial } from "./access.ts";
import { aliasArn, parseArn } from "./arn.ts";
import { createKey, keyOf, rotate } from "./create-key.ts";
import { defaultKeyPolicy } from "./key-policy.ts";
import { usageOf } from "./key-spec.ts";
import type { KmsKey } from "./kms-key.ts";
import type { Service } from "./operation.ts";
import { operations } from "./operations.ts";
import { defaultRegion } from "./request.ts";

export interface NewAwsKmsKey {
  /** "us-east-1" by default. */
  readonly region?: string | undefined;
  /** The service's own word: "SYMMETRIC_DEFAULT" by default, "RSA_2048". */
  readonly spec?: string | undefined;
  readonly multiRegion?: boolean | undefined;
  /** "alias/orders" */
  readonly alias?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Does at once, and whatever the key policies say, what an operator of the service would ask it for. Keys are named by their ARN; one that does not exist is a `RangeError`. */
export interface AwsKmsAdmin extends EmulatorAdmin {
  /** A key for encryption. Returns its ARN. */
  createKey(key?: NewAwsKmsKey): Promise<string>;
  /** A replica of a multi-Region key. Returns its ARN. */
  replicateKey(keyArn: string, region: string): string;
  /** New key material, as the yearly rotation makes it: the limit of rotations on demand does not count it. */
  rotateKey(keyArn: string): void;
  disableKey(keyArn: string): void;
  enableKey(keyArn: string): void;
  /** As at the end of its waiting period: the key and its aliases are gone. */
  deleteKey(keyArn: string): void;
  /** From now on AccessDeniedException. What the rule does not name is refused for all; an operation that does not exist is a `RangeError`. */
  deny(rule: AwsKmsDenial): void;
  /** Takes back every `deny`. Key policies stay as they are. */
  allowAll(): void;
}

export function createAdmin({ store, access }: Service, faults: Faults, log: RequestLog): AwsKmsAdmin {
  function existing(arn: string): KmsKey {
    const place = parseArn(arn);
    const key = place === undefined ? undefined : store.lookUp(arn, place);
    if (key === undefined) throw new RangeError(`there is no key ${arn}`);
    return key;
  }
  return {
    fail: faults.fail,
    clearFaults: faults.clear,
    takeRequests: log.take,
    async createKey({ region = defaultRegion, spec = "SYMMETRIC_DEFAULT", multiRegion = false, alias, tags = {} } = {}) {
      const place = { region, account: store.account };
      if (alias?.startsWith("alias/") === false) throw new RangeError("alias must begin with alias/");
      const key = await createKey(place, {
        spec,
        usage: usageOf(spec, "ENCRYPT_DECRYPT"),
        origin: "AWS_KMS",
        multiRegion,
        description: "",
        policy: defaultKeyPolicy(place),
        tags: new Map(Object.entries(tags)),
      });
      store.add(key);
      if (alias !== undefined) {
        const [arn, now] = [aliasArn(place, alias), Date.now()];
        store.aliases.set(arn, { ...place, name: alias, arn, keyId: key.family.keyId, createdAt: now, updatedAt: now });
      }
      return key.arn;
    },
    replicateKey(keyArn, region) {
      const { family, account } = existing(keyArn);
      if (!family.multiRegion) throw new RangeError(`${keyArn} is not a multi-Region key`);
      const place = { region, account };
      const replica = keyOf(place, { description: "", policy: defaultKeyPolicy(place), tags: new Map() }, family);
      store.add(replica);
      return replica.arn;
    },
    rotateKey: (keyArn) => rotate(existing(keyArn).family, "AUTOMATIC"),
    disableKey(keyArn) {
      existing(keyArn).state = "Disabled";
    },
    enableKey(keyArn) {
      existing(keyArn).state = "Enabled";
    },
    deleteKey(keyArn) {
      const key = existing(keyArn);
      store.remove(key);
      const [primary, ...others] = store.replicasOf(key.family);
      if (primary?.state === "PendingReplicaDeletion" && others.length === 0) primary.state = "PendingDeletion";
    },
    deny(rule) {
      const known = Object.keys(operations).some((name) => name.toLowerCase() === rule.operation?.toLowerCase());
      if (rule.operation !== undefined && !known) throw new RangeError(`${rule.operation} is no operation of this service`);
      access.deny(rule);
    },
    allowAll: access.allowAll,
  };
}
