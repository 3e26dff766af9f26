import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startVaultTransit } from "../../src/index.ts";
import { hold, readTurns } from "./conversation.ts";

const turns = readTurns(readFileSync(join(import.meta.dirname, "openbao-2.7.2.jsonl"), "utf8"));

describe("the Vault Transit emulator, asked what OpenBao 2.7.2 was asked", async () => {
  await using vault = await startVaultTransit();
  // The recording begins with a server that has no engine at "transit" yet.
  await fetch(`${vault.endpoint}/v1/sys/mounts/transit`, { method: "DELETE", headers: { "x-vault-token": "root" } });
  const held = await hold(vault.endpoint, turns);

  test.each(turns.map((turn, index) => ({ turn, index, title: `${turn.id} ${turn.request} ${turn.body ?? ""}`.slice(0, 160) })))(
    "answers $title",
    ({ turn, index }) => {
      expect({ status: held[index]?.status, answer: held[index]?.answer }).toEqual({ status: turn.status, answer: turn.answer });
    },
  );
});
