import {
  type DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  ScanCommand,
  type ScanCommandOutput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { abortable } from "./abortable.ts";
import { contentDigest } from "./content-digest.ts";
import type { EnvelopeStore, Replaced, StoredObject } from "./envelope-store.ts";
import { hashPartitions, partitionOf } from "./hash-partition.ts";
import { checkNames } from "./migration.ts";

export interface DynamoDbStoreOptions {
  /** The client stays its owner's. */
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The names of the partition key and, where the table has one, the sort key: strings, numbers or bytes. Numbers of more than 15 digits that are not whole need a client that
   *  wraps numbers, `unmarshallOptions: { wrapNumbers: true }`: another rounds them, and the item is not found. */
  readonly key: readonly string[];
  /** A top-level attribute: bytes, or a string in text form. Items without it are no objects; those of another type are foreign. */
  readonly attribute: string;
  /** Items that are fetched at once; as many as DynamoDB gives by default. */
  readonly pageItems?: number | undefined;
}

/**
 * One attribute of the items of a table in DynamoDB, read consistently. The comparison is a condition of the write and holds against everybody. Partitions are the
 * segments of a parallel scan. It needs dynamodb:Scan, GetItem and UpdateItem. A scan reads everything and is paid for as that.
 */
export function dynamoDbStore(options: DynamoDbStoreOptions): EnvelopeStore {
  checkNames(options, ["client", "table", "key", "attribute", "pageItems"], "options");
  const { client, table: TableName, key: names, attribute, pageItems } = options;
  if (typeof client?.send !== "function") throw new TypeError("client must be a DynamoDBDocumentClient");
  if (!Array.isArray(names) || names.length < 1 || names.length > 2) throw new TypeError("key must be the names of one or two attributes");

  // Nothing else of an item comes: it may be large, and hold numbers that the client cannot read.
  const projected = {
    ProjectionExpression: [...names.keys()]
      .map((i) => `#key${i}`)
      .join(", ")
      .concat(", #attribute"),
    ExpressionAttributeNames: { "#attribute": attribute, ...Object.fromEntries(names.map((name, i) => [`#key${i}`, name])) },
  };
  const attributeAt = async (Key: Item): Promise<unknown> =>
    (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true, ...projected }))).Item?.[attribute];

  const stored = (item: Item): StoredObject | undefined => {
    const value = item[attribute];
    if (value === undefined || value === null) return undefined;
    const bytes = bytesOf(value);
    const id = idOf(names.map((name) => item[name]));
    const read = async (count?: number): Promise<Uint8Array> => bytes.slice(0, count);
    return { id, version: contentDigest(bytes), size: bytes.length, cursor: id, read: () => read(), readHead: read };
  };

  return {
    description: `dynamodb ${TableName}.${attribute}`,
    partitions: async (target) => hashPartitions(Math.min(target, mostSegments)),
    async *scan(partition, { after, signal } = {}) {
      const { part, parts } = partitionOf(partition);
      let next: Item | undefined = after === undefined ? undefined : keyOf(after, names);
      do {
        const command = new ScanCommand({
          TableName,
          ConsistentRead: true,
          ...projected,
          ...(parts > 1 && { Segment: part, TotalSegments: parts }),
          ...(pageItems !== undefined && { Limit: pageItems }),
          ...(next !== undefined && { ExclusiveStartKey: next }),
        });
        const { Items = [], LastEvaluatedKey }: ScanCommandOutput = await abortable(signal, (until) => client.send(command, until));
        for (const item of Items) {
          signal?.throwIfAborted();
          const object = stored(item);
          if (object !== undefined) yield object;
        }
        next = LastEvaluatedKey;
      } while (next !== undefined);
    },
    async replace(id, expected, object): Promise<Replaced> {
      const Key = keyOf(id, names);
      const now = await attributeAt(Key);
      if (now === undefined || now === null) return "gone";
      if (contentDigest(bytesOf(now)) !== expected) return "conflict";
      try {
        await client.send(
          new UpdateCommand({
            TableName,
            Key,
            UpdateExpression: "SET #attribute = :object",
            ConditionExpression: "#attribute = :now",
            ExpressionAttributeNames: { "#attribute": attribute },
            ExpressionAttributeValues: { ":object": typeof now === "string" ? Buffer.from(object).toString() : object, ":now": now },
          }),
        );
        return "replaced";
      } catch (error) {
        if ((error as { readonly name?: unknown }).name !== "ConditionalCheckFailedException") throw error;
        return (await attributeAt(Key)) === undefined ? "gone" : "conflict";
      }
    },
  };
}

/** "Scan" in the API reference of DynamoDB. */
const mostSegments = 1_000_000;

type Item = Record<string, unknown>;

/** Something else than bytes and text is shown as JSON: it is foreign. */
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const text = typeof value === "string" ? value : JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part));
  return new Uint8Array(Buffer.from(text ?? ""));
}

function idOf(key: readonly unknown[]): string {
  return JSON.stringify(
    key.map((part) => {
      if (part instanceof Uint8Array) return { bytes: Buffer.from(part).toString("base64") };
      return typeof part === "bigint" || part instanceof NumberValue ? { number: part.toString() } : part;
    }),
  );
}

function keyOf(id: string, names: readonly string[]): Item {
  const parts: unknown = JSON.parse(id);
  if (!Array.isArray(parts) || parts.length !== names.length) throw new TypeError(`no id of this store: ${JSON.stringify(id)}`);
  return Object.fromEntries(names.map((name, i) => [name, partOf(parts[i])]));
}

function partOf(part: unknown): unknown {
  const { bytes, number } = (part ?? {}) as { readonly bytes?: unknown; readonly number?: unknown };
  if (typeof number === "string") return NumberValue.from(number);
  return typeof bytes === "string" ? Buffer.from(bytes, "base64") : part;
}
