import { readFileSync, writeFileSync } from "node:fs";
import { hold, readTurns } from "./conversation.ts";

// Records the conversation again from a fresh development server whose root token is "root":
//   bao server -dev -dev-root-token-id=root -dev-no-store-token
//   node --conditions=source test/vault-transit/record-conversation.ts http://127.0.0.1:8200 test/vault-transit/openbao-2.7.2.jsonl

const [endpoint = "", path = ""] = process.argv.slice(2);
const turns = readTurns(readFileSync(path, "utf8"));
const held = await hold(endpoint, turns);
const recorded = turns.map((turn, index) => ({ ...turn, status: held[index]?.status, answer: held[index]?.answer }));
writeFileSync(path, recorded.map((turn) => `${JSON.stringify(turn)}\n`).join(""));
