import type { ObjectInfo, Recipient } from "@letterlock/core";

/** Counts of recipients and context keys. Nothing in it is authenticated. */
export interface Census {
  /** How many recipients name each key: provider, keyRef, and version where there is one. */
  readonly recipients: readonly {
    readonly provider: string;
    readonly keyRef: string;
    readonly keyVersion: string | undefined;
    readonly count: number;
  }[];
  /** How many objects have each context key; values are not counted. */
  readonly contextKeys: Readonly<Record<string, number>>;
  readonly types: Readonly<Record<ObjectInfo["type"], number>>;
}

export interface Counter {
  count(info: ObjectInfo): void;
  read(): Census;
}

/** Different key versions or context keys that are told apart; the rest is counted as "…". A store can hold any number that somebody made up. */
const mostKinds = 10_000;
const others = "…";

export function createCounter(): Counter {
  const recipients = new Map<
    string,
    { readonly provider: string; readonly keyRef: string; readonly keyVersion: string | undefined; count: number }
  >();
  const contextKeys = new Map<string, number>();
  const types = { envelope: 0, "key-blob": 0, record: 0 };
  const countRecipient = ({ provider, keyRef, keyVersion }: Recipient): void => {
    const name = JSON.stringify([provider, keyRef, keyVersion]);
    const isNew = !recipients.has(name) && recipients.size >= mostKinds;
    const kind = isNew ? { provider: others, keyRef: others, keyVersion: undefined } : { provider, keyRef, keyVersion };
    const key = isNew ? others : name;
    const found = recipients.get(key) ?? { ...kind, count: 0 };
    found.count += 1;
    recipients.set(key, found);
  };
  return {
    count(info) {
      types[info.type] += 1;
      if (info.type === "record") return;
      info.header.recipients.forEach(countRecipient);
      for (const key of [...Object.keys(info.header.context), ...info.header.detached]) {
        const name = contextKeys.has(key) || contextKeys.size < mostKinds ? key : others;
        contextKeys.set(name, (contextKeys.get(name) ?? 0) + 1);
      }
    },
    read: () => ({
      recipients: [...recipients.values()].map((one) => ({ ...one })).sort((a, b) => b.count - a.count),
      contextKeys: Object.fromEntries(contextKeys),
      types: { ...types },
    }),
  };
}
