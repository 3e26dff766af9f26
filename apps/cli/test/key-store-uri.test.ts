import { describe, expect, it } from "vitest";
import { keyStoreName, parseKeyStoreUri } from "../src/key-stores/key-store-uri.ts";

const parse = (uri: string) => parseKeyStoreUri(uri, "/srv");

describe("parseKeyStoreUri", () => {
  it.each([
    ["file:keys", { kind: "file", folder: "/srv/keys" }],
    ["file:/var/keys", { kind: "file", folder: "/var/keys" }],
    [
      "postgres://app:secret@db.example.com:5433/shop?table=keys.ring&sslmode=verify-full",
      {
        kind: "postgres",
        connection: "postgres://app:secret@db.example.com:5433/shop?sslmode=verify-full",
        host: "db.example.com:5433",
        database: "shop",
        table: "keys.ring",
      },
    ],
    ["postgresql://db/shop", { kind: "postgres", connection: "postgresql://db/shop", host: "db", database: "shop", table: undefined }],
    [
      "redis://cache",
      { kind: "redis", host: "cache", port: 6379, database: 0, tls: false, user: undefined, password: undefined, prefix: undefined },
    ],
    [
      "rediss://app:p%40ss@[::1]:7000/3?prefix={keys}:",
      { kind: "redis", host: "::1", port: 7000, database: 3, tls: true, user: "app", password: "p@ss", prefix: "{keys}:" },
    ],
    ["dynamodb://Letterlock_Keys", { kind: "dynamodb", table: "Letterlock_Keys", region: undefined, endpoint: undefined }],
    [
      "dynamodb://keys?region=eu-west-1&endpoint=http://127.0.0.1:8000",
      { kind: "dynamodb", table: "keys", region: "eu-west-1", endpoint: "http://127.0.0.1:8000" },
    ],
  ])("reads %s", (uri, expected) => {
    expect(parse(uri)).toEqual(expected);
  });

  it.each([
    ["postgres://app:secret@db:5433/shop?table=keys", "postgres://db:5433/shop"],
    ["redis://app:secret@cache/2?prefix={secret}:", "redis://cache:6379/2"],
    ["dynamodb://keys?endpoint=http://127.0.0.1:8000", "dynamodb://keys"],
  ])("calls %s %s", (uri, name) => {
    expect(keyStoreName(parse(uri))).toBe(name);
  });

  it.each([
    "hunter2",
    "mysql://app:hunter2@db/shop",
    "postgres:app:hunter2@db",
    "postgres://app:hunter2#x@db/shop",
    "postgres://app:hunter2%@db/shop",
    "postgres://app:hunter2@/shop",
    "postgres://app:hunter2@db:99999/shop",
    "postgres://app:a@db/shop?password=hunter2",
    "postgres://app:hunter2@db/shop?table=a&table=b",
    "postgres://app:hunter2@db/shop?table=",
    "postgres://app:hunter2@db/%",
    "redis://app:hunter2@cache/keys",
    "redis://app:hunter2%@cache",
    "redis://app:hunter2/x@cache",
    "redis://cache?password=hunter2",
    "dynamodb://hunter2:a@keys",
    "dynamodb://keys?endpoint=http://hunter2.example.com",
    "dynamodb://keys?endpoint=http://a:hunter2@127.0.0.1",
    "dynamodb://keys?region=hunter2!",
    "file://hunter2/keys",
  ])("refuses %j and repeats nothing of it", (uri) => {
    let message = "";
    try {
      parse(uri);
    } catch (error) {
      message = (error as Error).message;
      expect(error).toMatchObject({ failure: "usage" });
    }
    expect(message).toMatch(/^--key-store/);
    expect(message).not.toContain("hunter2");
  });
});
