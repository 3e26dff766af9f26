import { describe, expect, it } from "vitest";
import { splitKekLists } from "../src/split-kek-lists.ts";

describe("the words after --to and --with", () => {
  it.each([
    [
      ["encrypt", "--to", "a", "b", "-o", "c", "d"],
      ["encrypt", "--to", "a", "--to-or-in=b", "-o", "c", "d"],
    ],
    [
      ["x", "--with=a", "b", "--to", "c"],
      ["x", "--with=a", "--with-or-in=b", "--to", "c"],
    ],
    [
      ["x", "--to", "a", "-"],
      ["x", "--to", "a", "--to-or-in=-"],
    ],
    [
      ["x", "--to", "a", "--", "b"],
      ["x", "--to", "a", "--", "b"],
    ],
    [
      ["x", "f", "--to"],
      ["x", "f", "--to"],
    ],
  ])("of %j", (words, split) => {
    expect(splitKekLists(words)).toEqual(split);
  });
});
