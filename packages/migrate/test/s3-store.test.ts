import { randomBytes } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { open, seal } from "@letterlock/core";
import { requireServer, startLocalStack, startMoto } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../src/index.ts";
import { s3Store } from "../src/s3.ts";
import { newKek } from "./support/keys.ts";
import { testShippedStore } from "./support/shipped-store.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

/** The requests that the store binds to the ETag which was read. */
const conditional = ["GET", "HEAD", "PUT", "UploadPartCopy", "CompleteMultipartUpload"] as const;

/**
 * What a server does not do as S3 does. moto: a key with a line break is a bad request, and the condition of a completion is not looked at. LocalStack: where keys are asked
 * for in their encoding, it compares that and not the key with StartAfter, so it is asked for them as they are, which XML cannot say of a line break.
 */
const servers = [
  { name: "moto", start: startMoto, startsAfterEncoded: false, step: "UploadPartCopyCommand", heeds: ["GET", "HEAD", "PUT"] },
  { name: "localstack", start: startLocalStack, startsAfterEncoded: true, step: "CompleteMultipartUploadCommand", heeds: conditional },
] as const;

test("every condition that the store sets is judged by one of the servers", () => {
  expect([...new Set<string>(servers.flatMap(({ heeds }) => [...heeds]))].sort()).toEqual([...conditional].sort());
});

describe.each(servers.filter(({ name }) => requireServer(name)))("s3Store on $name", ({ start, startsAfterEncoded, step, heeds }) => {
  let client: S3Client;
  let newClient: () => S3Client;
  beforeAll(async () => {
    const { endpoint } = running.use(await start());
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    newClient = () => {
      const made = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
      made.middlewareStack.add(
        (next) => (args) => {
          const { StartAfter, EncodingType, ...input } = args.input as { StartAfter?: string; EncodingType?: string };
          return startsAfterEncoded && StartAfter !== undefined
            ? next({ ...args, input: { ...input, StartAfter } as typeof args.input })
            : next(args);
        },
        { step: "initialize" },
      );
      return made;
    };
    client = newClient();
    running.defer(() => client.destroy());
  }, 120_000);

  async function newBucket(): Promise<string> {
    const Bucket = `store-${randomBytes(6).toString("hex")}`;
    await client.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }
  const objectAt = async (Bucket: string, Key: string): Promise<Uint8Array | undefined> => {
    try {
      return await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  };

  testShippedStore("s3Store", "its contract", async () => {
    const bucket = await newBucket();
    const prefix = "app/";
    const forbidden = new Set<string>();
    const forbid = (name: string) => async () => {
      forbidden.add(name);
      return async () => void forbidden.delete(name);
    };
    const own = newClient();
    // The server has no policies: the answer to a write that is not allowed is made here, from the one of S3.
    own.middlewareStack.add(
      (next, context) => (args) => {
        if (forbidden.has(context.commandName ?? ""))
          throw Object.assign(new Error("Access Denied"), { name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
        return next(args);
      },
      { step: "initialize" },
    );
    const openStore = () => s3Store({ client: own, bucket, prefix, pageKeys: 50 });
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: "elsewhere", Body: "not ours" }));
    return {
      store: openStore(),
      refusesName: (name) => name.includes("\n"),
      another: async () => openStore(),
      put: async (name, object) => {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: prefix + name, Body: object }));
        return prefix + name;
      },
      delete: async (name) => {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + name }));
      },
      get: (name) => objectAt(bucket, prefix + name),
      forbid: forbid("PutObjectCommand"),
      forbidReading: forbid("GetObjectCommand"),
      leftovers: async () => {
        const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
        return Uploads.map(({ Key }) => Key ?? "");
      },
    };
  });

  test("keeps metadata, headers and tags, of small objects and of large ones", { timeout: 60_000 }, async () => {
    const bucket = await newBucket();
    const [old, target] = [newKek("old"), newKek("new")];
    const kept = {
      Metadata: { owner: "me", note: "a b" },
      ContentType: "text/plain",
      CacheControl: "no-store",
      ContentDisposition: "attachment",
    };
    const plaintexts = { small: randomBytes(1000), large: randomBytes(12 * 1024 * 1024) };
    for (const [Key, plaintext] of Object.entries(plaintexts)) {
      const Body = await seal(plaintext, [old]);
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, Tagging: "class=a%20b&x=y", ...kept }));
    }
    let received = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        const { ContentLength } = result.output as { ContentLength?: number };
        if (context.commandName === "GetObjectCommand") received += ContentLength ?? 0;
        return result;
      },
      { step: "deserialize", priority: "high", name: "counting" },
    );
    const books = await run({ store: s3Store({ client, bucket }), from: [old], to: [target] });
    client.middlewareStack.remove("counting");
    expect(books).toMatchObject({ classes: { migrated: 2 }, ok: true });
    for (const [Key, plaintext] of Object.entries(plaintexts)) {
      expect(await client.send(new HeadObjectCommand({ Bucket: bucket, Key }))).toMatchObject(kept);
      const { TagSet = [] } = await client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }));
      expect(Object.fromEntries(TagSet.map((tag) => [tag.Key, tag.Value]))).toEqual({ class: "a b", x: "y" });
      const opened = await open((await objectAt(bucket, Key)) ?? new Uint8Array(), [target]);
      expect(Buffer.compare(opened, plaintext)).toBe(0);
    }
    // What came through this process of 12 MiB: the first 5 and a head.
    expect(received).toBeGreaterThan(5 * 1024 * 1024);
    expect(received).toBeLessThan(6 * 1024 * 1024);
  });

  test("asks a server that heeds the conditions which it is said to heed", async () => {
    const Bucket = await newBucket();
    const [Key, IfMatch] = ["one", `"${"0".repeat(32)}"`];
    await client.send(new PutObjectCommand({ Bucket, Key, Body: randomBytes(6 * 1024 * 1024) }));
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = { Bucket, Key, UploadId, PartNumber: 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...part, Body: randomBytes(1000) }));
    const requests: Record<(typeof conditional)[number], () => Promise<unknown>> = {
      GET: () => client.send(new GetObjectCommand({ Bucket, Key, IfMatch })),
      HEAD: () => client.send(new HeadObjectCommand({ Bucket, Key, IfMatch })),
      PUT: () => client.send(new PutObjectCommand({ Bucket, Key, IfMatch, Body: "other" })),
      UploadPartCopy: () =>
        client.send(new UploadPartCopyCommand({ ...part, PartNumber: 2, CopySource: `${Bucket}/${Key}`, CopySourceIfMatch: IfMatch })),
      CompleteMultipartUpload: () =>
        client.send(
          new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, IfMatch, MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] } }),
        ),
    };
    const heeded: string[] = [];
    for (const [name, request] of Object.entries(requests)) {
      const refused = await request().then(
        () => undefined,
        ({ $metadata }: { readonly $metadata?: { readonly httpStatusCode?: number } }) => $metadata?.httpStatusCode,
      );
      if (refused === 412) heeded.push(name);
    }
    expect(heeded).toEqual(heeds);
  });

  test("changes nothing when the object changes during the upload, and leaves no upload", async () => {
    const bucket = await newBucket();
    const [Bucket, Key] = [bucket, "large"];
    await client.send(new PutObjectCommand({ Bucket, Key, Body: randomBytes(7 * 1024 * 1024) }));
    const disturbed = newClient();
    const his = randomBytes(6 * 1024 * 1024);
    disturbed.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === step) await client.send(new PutObjectCommand({ Bucket, Key, Body: his }));
        return await next(args);
      },
      { step: "initialize" },
    );
    const store = s3Store({ client: disturbed, bucket });
    for await (const { id, version } of store.scan("0/1", {}))
      expect(await store.replaceHead?.(id, version, { bytes: randomBytes(100), replaces: 200 })).toBe("conflict");
    expect(Buffer.compare((await objectAt(bucket, Key)) ?? new Uint8Array(), his)).toBe(0);
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  });

  test("ends a scan at a key that the service lists without an ETag", async () => {
    const bucket = await newBucket();
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: "one", Body: "x" }));
    const lacking = newClient();
    // As services do that list only what they must: the answer of this one, without its ETags.
    lacking.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args);
        const { Contents = [] } = answer.output as { readonly Contents?: { ETag?: string }[] };
        if (context.commandName === "ListObjectsV2Command") for (const one of Contents) delete one.ETag;
        return answer;
      },
      { step: "initialize" },
    );
    const scan = s3Store({ client: lacking, bucket }).scan("0/1", {});
    await expect(scan[Symbol.asyncIterator]().next()).rejects.toThrow("the service lists one without an ETag");
  });
});
