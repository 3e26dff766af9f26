/** Where a key lives: each region of an account has keys of its own. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

export interface Arn extends Place {
  /** "key/…" or "alias/…" */
  readonly resource: string;
}

export function keyArn(place: Place, keyId: string): string {
  return `${prefix(place)}:key/${keyId}`;
}

/** `name` starts with "alias/". */
export function aliasArn(place: Place, name: string): string {
  return `${prefix(place)}:${name}`;
}

export function parseArn(text: string): Arn | undefined {
  const [, region, account, resource] = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):((?:key|alias)\/.+)$/.exec(text) ?? [];
  return region === undefined || account === undefined || resource === undefined ? undefined : { region, account, resource };
}

/** The user that the emulator takes an access key id for. */
export function userArn(place: Place, accessKeyId: string): string {
  return `arn:${partition(place.region)}:iam::${place.account}:user/${accessKeyId}`;
}

export function rootArn(place: Place): string {
  return `arn:${partition(place.region)}:iam::${place.account}:root`;
}

function prefix({ region, account }: Place): string {
  return `arn:${partition(region)}:kms:${region}:${account}`;
}

function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
