import assert from "node:assert/strict";
import { open, refresh } from "@letterlock/core";
import { both, type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { moved, rotatedMessage, rotation, type Versions } from "../rotation.ts";
import { succeeded } from "../settled.ts";
import { recipientOf, requireOpens, requireSame, requireWrapped, tenant } from "../specimen.ts";
import { unproven } from "../unproven.ts";

const needs = [...both, "rotate"] as const;
const changesKey = true;

export const rotationCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "rotation-old-opens",
    title: "opens after a rotation what it wrapped before",
    requirement: "A rotation makes a new version and keeps the old ones: what they wrapped still opens, in any instance.",
    needs,
    changesKey,
    async run(trial) {
      const { before } = await rotation(trial);
      const unwrapper = await trial.unwrapper();
      await requireOpens(trial, unwrapper, before, "after a rotation");
      return undefined;
    },
  }),
  conformanceCase({
    id: "rotation-both-open",
    title: "opens what the new version wraps, beside what the old one did",
    requirement:
      "After a rotation both versions are in use: what each wrapped opens, one after the other and at the same time, in one instance.",
    needs,
    changesKey,
    async run(trial) {
      const { before, after } = await rotation(trial);
      const unwrapper = await trial.unwrapper();
      for (const one of [after, before, after]) await requireOpens(trial, unwrapper, one, "beside another version");
      await Promise.all([before, after].map((one) => requireOpens(trial, unwrapper, one, "at the same time")));
      return undefined;
    },
  }),
  conformanceCase({
    id: "rotation-new-version",
    title: "records the new version after a rotation",
    requirement: "Where wrap and generate tell a keyVersion, it is another one soon after a rotation.",
    needs,
    changesKey,
    async run(trial) {
      const { from, to } = await rotation(trial);
      if (Object.values(from).every((version) => version === undefined)) unproven("no member of the KEK tells a version");
      requireMoved(from, to, "wrap", "wrap still names the version of before the rotation");
      requireMoved(from, to, "generate", "generate still names the version of before the rotation");
      return undefined;
    },
  }),
  conformanceCase({
    id: "rotation-current-version",
    title: "moves currentVersion with a rotation",
    requirement: "currentVersion names another version soon after a rotation, the one that wrap and generate name where they tell it.",
    needs,
    changesKey,
    async run(trial) {
      const { from, to } = await rotation(trial);
      if (from.currentVersion === undefined) return "the KEK does not tell its current version";
      requireMoved(from, to, "currentVersion", "currentVersion still names the version of before the rotation");
      for (const member of ["wrap", "generate"] as const) {
        const same = to[member] === undefined || to[member] === to.currentVersion;
        assert.ok(same, `currentVersion and ${member} name different versions after a rotation`);
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "rotation-refresh",
    title: "moves an envelope to the new version",
    requirement:
      "refresh of core wraps an old recipient under the new version; the refreshed envelope and the old one open, and a second refresh finds nothing to do where the KEK tells its versions.",
    needs: ["create", "rotate"],
    changesKey,
    async run(trial) {
      const { envelope, to } = await rotation(trial);
      const options = { context: tenant, signal: trial.signal };
      const kek = await trial.whole();
      const { object, recipients } = await refresh(envelope, [kek], options);
      const [status] = recipients;
      const expected = kek.rewrap === undefined ? "wrapped-again" : "rewrapped";
      assert.ok(status?.status === expected, `refresh reported ${status?.status} instead of ${expected}`);
      if (status.to !== undefined && to.currentVersion !== undefined) {
        assert.ok(status.to === to.currentVersion, "refresh wrapped under another version than the current one");
        const again = await refresh(object, [kek], options);
        assert.ok(again.recipients[0]?.status === "current", `a second refresh reported ${again.recipients[0]?.status} instead of current`);
      }
      const unwrapper = await trial.unwrapper();
      for (const one of [object, envelope]) {
        requireSame(await open(one, [unwrapper], options), rotatedMessage, "an envelope opened as something else after refresh");
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "rotation-rewrap",
    title: "rewraps under the new version",
    requirement:
      "rewrap gives the same data key under the newest version, names that version where the KEK tells versions, and the old wrapped still opens.",
    needs,
    changesKey,
    async run(trial) {
      const { before, to } = await rotation(trial);
      const unwrapper = await trial.unwrapper();
      const rewrap = unwrapper.rewrap?.bind(unwrapper);
      if (rewrap === undefined) return "the KEK has no rewrap";
      const rewrapped = await succeeded(trial, unwrapper, "rewrap", () => rewrap(before.recipient, before.call));
      requireWrapped("rewrap", rewrapped);
      const newest = to.currentVersion ?? to.generate ?? to.wrap;
      const named = rewrapped.keyVersion === undefined || newest === undefined || rewrapped.keyVersion === newest;
      assert.ok(named, "rewrap names another version than the newest");
      for (const recipient of [recipientOf(unwrapper, rewrapped), before.recipient]) {
        await requireOpens(trial, unwrapper, { ...before, recipient }, "after rewrap");
      }
      return undefined;
    },
  }),
];

function requireMoved(from: Versions, to: Versions, member: keyof Versions, message: string): void {
  assert.ok(moved(from, to, member), message);
}
