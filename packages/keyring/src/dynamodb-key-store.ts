import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { inspect, LetterlockError } from "@letterlock/core";
import type { KeyStore, StoredKey } from "./key-store.ts";

export interface DynamoDbKeyStoreOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** The table that the store needs, without its name, as `CreateTable` takes it: the store itself creates nothing. */
export const dynamoDbKeyTable: {
  readonly AttributeDefinitions: { AttributeName: string; AttributeType: "S" }[];
  readonly KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  readonly BillingMode: "PAY_PER_REQUEST";
} = {
  AttributeDefinitions: [
    { AttributeName: "partition", AttributeType: "S" },
    { AttributeName: "name", AttributeType: "S" },
  ],
  KeySchema: [
    { AttributeName: "partition", KeyType: "HASH" },
    { AttributeName: "name", KeyType: "RANGE" },
  ],
  BillingMode: "PAY_PER_REQUEST",
};

/**
 * A key store in one table of DynamoDB; its items may lie among others'. Every read is a consistent one, every change a conditional write or a transaction. All keys lie
 * in one partition, in the order of their keyIds: a process reads a key once in `memory.maxAgeMs`, and one partition gives 3,000 such reads a second. `createdAt` is by
 * the clock of the process that creates, because DynamoDB tells none. No global table: in one, two regions can create the same key.
 */
export function dynamoDbKeyStore({ client, tableName: TableName }: DynamoDbKeyStoreOptions): KeyStore {
  if (typeof client?.send !== "function") throw new TypeError("client must be a DynamoDBDocumentClient");
  if (typeof TableName !== "string" || TableName === "") throw new TypeError("tableName must be the name of a table");

  const read = async (key: ItemKey, abortSignal?: AbortSignal): Promise<Item | undefined> =>
    (await client.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }), options(abortSignal))).Item;
  const get: KeyStore["get"] = async (keyId, { signal } = {}) => storedKey(await read(keyItem(keyId), signal));
  const current: KeyStore["current"] = async (slot, { signal } = {}) => {
    const head = await read(headItem(slot), signal);
    return head === undefined ? undefined : await get(String(head.keyId), { signal });
  };
  async function* query(input: Omit<QueryCommandInput, "TableName">, abortSignal?: AbortSignal): AsyncGenerator<Item> {
    let next: QueryCommandInput["ExclusiveStartKey"];
    do {
      const call = new QueryCommand({ ...input, TableName, ConsistentRead: true, ExclusiveStartKey: next });
      const { Items = [], LastEvaluatedKey } = await client.send(call, options(abortSignal));
      yield* Items;
      next = LastEvaluatedKey;
    } while (next !== undefined);
  }
  /** False where a condition did not hold. A transaction that met another one is tried again. */
  const transact = async (TransactItems: TransactWriteCommandInput["TransactItems"], abortSignal?: AbortSignal): Promise<boolean> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await client.send(new TransactWriteCommand({ TransactItems }), options(abortSignal));
        return true;
      } catch (error) {
        const reasons = reasonsOf(error);
        if (reasons.includes("ConditionalCheckFailed")) return false;
        if (!reasons.includes("TransactionConflict")) throw error;
        if (attempt === tries) throw new LetterlockError("unavailable", "others keep changing this key: retry later", { cause: error });
      }
    }
  };

  return {
    get,
    current,
    async create(slot, blob, after, { signal } = {}) {
      const before = await current(slot, { signal });
      if (before?.keyId !== after) return { created: false, key: before };
      const key: StoredKey = {
        keyId: inspect(blob).keyId,
        slot,
        sequence: (before?.sequence ?? 0) + 1,
        createdAt: Date.now(),
        blob: blob.slice(),
      };
      const isCurrent =
        after === undefined
          ? { ConditionExpression: "attribute_not_exists(#name)", ExpressionAttributeNames: { "#name": "name" } }
          : { ConditionExpression: "keyId = :after", ExpressionAttributeValues: { ":after": after } };
      const created = await transact(
        [
          { Put: { TableName, Item: { ...headItem(slot), keyId: key.keyId }, ...isCurrent } },
          { Put: { TableName, Item: memberItem(slot, key.keyId) } },
          { Put: { TableName, Item: { ...keyItem(key.keyId), ...key } } },
        ],
        signal,
      );
      return created ? { created, key } : { created, key: await current(slot, { signal }) };
    },
    async replace(keyId, expected, blob, { signal } = {}) {
      const change = new UpdateCommand({
        TableName,
        Key: keyItem(keyId),
        UpdateExpression: "SET #blob = :blob",
        ConditionExpression: "#blob = :expected",
        ExpressionAttributeNames: { "#blob": "blob" },
        ExpressionAttributeValues: { ":blob": blob, ":expected": expected },
      });
      try {
        await client.send(change, options(signal));
        return "replaced";
      } catch (error) {
        if (nameOf(error) !== "ConditionalCheckFailedException") throw error;
        return (await get(keyId, { signal })) === undefined ? "gone" : "conflict";
      }
    },
    async *list({ after = "", signal } = {}) {
      const from = after === "" ? "" : " AND #name > :after";
      const keys = query(
        {
          KeyConditionExpression: `#partition = :keys${from}`,
          ExpressionAttributeNames: { "#partition": "partition", ...(from && { "#name": "name" }) },
          ExpressionAttributeValues: { ":keys": keysPartition, ...(from && { ":after": after }) },
        },
        signal,
      );
      for await (const item of keys) yield* [storedKey(item)].filter((key) => key !== undefined);
    },
    // The head leaves last, and only while it is the one that was read, so that no key is created unseen.
    async destroy(slot, { signal } = {}) {
      const destroyed: string[] = [];
      for (let head = await read(headItem(slot), signal); head !== undefined; head = await read(headItem(slot), signal)) {
        const keyIds: string[] = [];
        const members = query(
          {
            KeyConditionExpression: "#partition = :slot AND begins_with(#name, :member)",
            ExpressionAttributeNames: { "#partition": "partition", "#name": "name" },
            ExpressionAttributeValues: { ":slot": headItem(slot).partition, ":member": memberPrefix },
          },
          signal,
        );
        for await (const { keyId } of members) keyIds.push(String(keyId));
        const current = String(head.keyId);
        const others = keyIds.filter((keyId) => keyId !== current);
        for (let at = 0; at < others.length; at += keysInTransaction) {
          const some = others.slice(at, at + keysInTransaction);
          if (
            await transact(
              some.flatMap((keyId) => deletions(slot, keyId)),
              signal,
            )
          )
            destroyed.push(...some);
        }
        const isSame = { ConditionExpression: "keyId = :current", ExpressionAttributeValues: { ":current": current } };
        const last = [{ Delete: { TableName, Key: headItem(slot), ...isSame } }, ...deletions(slot, current)];
        if (await transact(last, signal)) destroyed.push(current);
      }
      return destroyed;
    },
  };

  function deletions(slot: string, keyId: string): NonNullable<TransactWriteCommandInput["TransactItems"]> {
    const { partition, name } = memberItem(slot, keyId);
    return [{ Delete: { TableName, Key: keyItem(keyId) } }, { Delete: { TableName, Key: { partition, name } } }];
  }
}

type Item = Record<string, unknown>;

interface ItemKey {
  readonly partition: string;
  readonly name: string;
}

const keysPartition = "letterlock#keys";
const memberPrefix = "key#";
const tries = 20;
/** A transaction has at most 100 items, and a key is two. */
const keysInTransaction = 50;

function keyItem(keyId: string): ItemKey {
  return { partition: keysPartition, name: keyId };
}

function headItem(slot: string): ItemKey {
  return { partition: `letterlock#slot#${slot}`, name: "current" };
}

function memberItem(slot: string, keyId: string): ItemKey & { readonly keyId: string } {
  return { partition: headItem(slot).partition, name: `${memberPrefix}${keyId}`, keyId };
}

function storedKey(item: Item | undefined): StoredKey | undefined {
  if (item === undefined) return undefined;
  const { keyId, slot, sequence, createdAt, blob } = item as unknown as StoredKey;
  return { keyId, slot, sequence, createdAt, blob: blob instanceof Uint8Array ? new Uint8Array(blob) : new Uint8Array() };
}

function options(abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}

function nameOf(error: unknown): unknown {
  return (error as { readonly name?: unknown }).name;
}

function reasonsOf(error: unknown): readonly unknown[] {
  if (nameOf(error) === "TransactionInProgressException" || nameOf(error) === "TransactionConflictException")
    return ["TransactionConflict"];
  if (nameOf(error) !== "TransactionCanceledException") return [];
  const { CancellationReasons = [] } = error as { readonly CancellationReasons?: readonly { readonly Code?: string }[] };
  return CancellationReasons.map(({ Code }) => Code);
}
