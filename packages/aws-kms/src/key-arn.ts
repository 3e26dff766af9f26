interface KeyArn {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly keyId: string;
}

/** `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`; undefined for anything else, alias ARNs too. */
export function parseKeyArn(text: unknown): KeyArn | undefined {
  if (typeof text !== "string" || text.length > mostKeyRefBytes) return undefined;
  const [, partition, region, account, keyId] = /^arn:(aws[a-z-]*):kms:([a-z0-9-]+):(\d{12}):key\/([A-Za-z0-9-]+)$/.exec(text) ?? [];
  if (partition === undefined || region === undefined || account === undefined || keyId === undefined) return undefined;
  return { partition, region, account, keyId };
}

/** Whether two key ARNs name one key: they are equal, or those of a multi-Region key, which has the same id and key material in each of its regions. */
export function isSameKey(a: unknown, b: unknown): boolean {
  const [one, other] = [parseKeyArn(a), parseKeyArn(b)];
  if (one === undefined || other === undefined) return false;
  if (a === b) return true;
  return one.keyId.startsWith("mrk-") && one.keyId === other.keyId && one.partition === other.partition && one.account === other.account;
}

/** SPEC section 3. */
const mostKeyRefBytes = 255;
