import assert from "node:assert/strict";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { eventually } from "../eventually.ts";
import { succeeded } from "../settled.ts";
import { specimen } from "../specimen.ts";

export const currentVersionCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "current-version",
    title: "names as current the version that it wraps with",
    requirement:
      "currentVersion is the keyVersion that wrap and generate record now, spelt in the same way, or undefined. A refresh that compares the two does no work in vain and misses none.",
    async run(trial) {
      const { wrapper, call, recipient } = await specimen(trial);
      const ask = wrapper.currentVersion?.bind(wrapper);
      if (ask === undefined) return "the KEK has no currentVersion";
      let current = await succeeded(trial, wrapper, "currentVersion", () => ask({ signal: call.signal }));
      assert.ok(
        current === undefined || (typeof current === "string" && /^[\x21-\x7e]{1,255}$/.test(current)),
        "currentVersion is not 1 to 255 visible ASCII characters",
      );
      if (current === undefined) return "the KEK does not tell its current version";
      const generated =
        wrapper.generate === undefined ? undefined : await succeeded(trial, wrapper, "generate", async () => wrapper.generate?.(call));
      generated?.dataKey.fill(0);
      const recorded = generated?.keyVersion ?? recipient.keyVersion;
      if (recorded === undefined) return "neither wrap nor generate records a version";
      assert.ok(recipient.keyVersion === undefined || recipient.keyVersion === recorded, "wrap and generate record different versions");
      // A rotation may still be on its way through the service.
      const agreed = await eventually(trial, async () => {
        if (current === recorded) return true;
        current = await succeeded(trial, wrapper, "currentVersion", () => ask({ signal: call.signal }));
        return undefined;
      });
      assert.ok(agreed === true, "currentVersion names another version than wrap records");
      return undefined;
    },
  }),
];
