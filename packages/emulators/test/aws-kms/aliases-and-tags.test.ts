import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  paginateListAliases,
  paginateListResourceTags,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, test } from "vitest";
import { expectFailure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms();
let client: KMSClient;
let first: string;
let second: string;

beforeAll(async () => {
  client = kms.client();
  first = await kms.aws.admin.createKey();
  second = await kms.aws.admin.createKey();
});

const keyOf = async (alias: string) => (await client.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.Arn;

describe("an alias", () => {
  test("names a key, another one, and none", async () => {
    const AliasName = "alias/team/orders_1-x";
    await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: first }));
    expect(await keyOf(AliasName)).toBe(first);
    await expectFailure(client.send(new CreateAliasCommand({ AliasName, TargetKeyId: second })), "AlreadyExistsException");
    await client.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second }));
    expect(await keyOf(AliasName)).toBe(second);
    await client.send(new DeleteAliasCommand({ AliasName }));
    await expectFailure(keyOf(AliasName), "NotFoundException", "is not found");
    await expectFailure(client.send(new DeleteAliasCommand({ AliasName })), "NotFoundException");
    await expectFailure(client.send(new UpdateAliasCommand({ AliasName, TargetKeyId: first })), "NotFoundException");
  });

  test.each(["orders", "alias/", "alias/with space", `alias/${"x".repeat(251)}`])("is not spelt %j", async (AliasName) => {
    await expectFailure(client.send(new CreateAliasCommand({ AliasName, TargetKeyId: first })), "InvalidAliasNameException");
  });

  test("of AWS is reserved", async () => {
    await expectFailure(client.send(new CreateAliasCommand({ AliasName: "alias/aws/mine", TargetKeyId: first })), "NotAuthorizedException");
  });

  test("is listed, page by page, and for one key", async () => {
    const region = "eu-north-1";
    const nordic = kms.client({ region });
    await kms.aws.admin.createKey({ region: "eu-south-1", alias: "alias/elsewhere" });
    const keys = [await kms.aws.admin.createKey({ region, alias: "alias/zero" }), await kms.aws.admin.createKey({ region })];
    for (let i = 0; i < 5; i += 1) {
      await nordic.send(new CreateAliasCommand({ AliasName: `alias/many-${i}`, TargetKeyId: keys[1] }));
    }
    const names: (string | undefined)[] = [];
    const sizes: number[] = [];
    for await (const { Aliases = [] } of paginateListAliases({ client: nordic, pageSize: 4 }, {})) {
      sizes.push(Aliases.length);
      names.push(...Aliases.map(({ AliasName }) => AliasName));
    }
    expect(sizes).toEqual([4, 2]);
    expect(names).toEqual(["alias/many-0", "alias/many-1", "alias/many-2", "alias/many-3", "alias/many-4", "alias/zero"]);
    const { Aliases } = await nordic.send(new ListAliasesCommand({ KeyId: keys[0] }));
    expect(Aliases).toMatchObject([
      {
        AliasName: "alias/zero",
        AliasArn: `arn:aws:kms:${region}:111122223333:alias/zero`,
        TargetKeyId: keys[0]?.split("/")[1],
        CreationDate: expect.any(Date),
        LastUpdatedDate: expect.any(Date),
      },
    ]);
  });
});

describe("tags", () => {
  test("are made with the key, added, replaced and removed", async () => {
    const Tags = [{ TagKey: "team", TagValue: "billing" }];
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Tags }));
    const KeyId = KeyMetadata?.KeyId;
    const listed = async () => (await client.send(new ListResourceTagsCommand({ KeyId }))).Tags;
    expect(await listed()).toEqual(Tags);
    await client.send(
      new TagResourceCommand({
        KeyId,
        Tags: [
          { TagKey: "team", TagValue: "sales" },
          { TagKey: "cost", TagValue: "" },
        ],
      }),
    );
    expect(await listed()).toEqual([
      { TagKey: "cost", TagValue: "" },
      { TagKey: "team", TagValue: "sales" },
    ]);
    await client.send(new UntagResourceCommand({ KeyId, TagKeys: ["team", "none"] }));
    expect(await listed()).toEqual([{ TagKey: "cost", TagValue: "" }]);
  });

  test("are listed page by page", async () => {
    const tags = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`t${index}`, String(index)]));
    const KeyId = await kms.aws.admin.createKey({ tags });
    const sizes: number[] = [];
    for await (const { Tags = [] } of paginateListResourceTags({ client, pageSize: 3 }, { KeyId })) sizes.push(Tags.length);
    expect(sizes).toEqual([3, 3, 1]);
  });

  test.each([
    [{ TagKey: "aws:mine", TagValue: "" }, "TagException"],
    [{ TagKey: "", TagValue: "" }, "ValidationException"],
  ])("are not %j", async (tag, name) => {
    await expectFailure(client.send(new TagResourceCommand({ KeyId: first, Tags: [tag] })), name);
  });
});
