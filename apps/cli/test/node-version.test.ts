import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { nodeFault } from "../src/node-version.ts";
import { commandWords, ended } from "./letterlock-command.ts";

it.each(["22.12.0", "22.13.1", "24.0.0", "100.0.0", "23.0.0-nightly"])("runs on Node %s", (version) => {
  expect(nodeFault(version)).toBeUndefined();
});

it.each(["22.11.9", "20.20.2", "18.0.0", "9.99.0"])("does not run on Node %s", (version) => {
  expect(nodeFault(version)).toBe(`letterlock needs Node 22.12 or later; this is ${version}`);
});

it("asks for what the package asks for", () => {
  const [, version = ""] = /^>=(\S+)$/.exec(manifest.engines.node) ?? [];
  expect(nodeFault(`${version}.0`)).toBeUndefined();
  expect(nodeFault("0.0.0")).toContain(`Node ${version} or later`);
});

it.each([
  [["migrate", "plan"], "letterlock needs Node 22.12 or later; this is 20.1.0\n"],
  [["doctor", "--json"], '{"code":"usage","message":"letterlock needs Node 22.12 or later; this is 20.1.0","exitStatus":2}\n'],
])("says so before anything else is loaded: %j", async (words, line) => {
  const [program = "", ...rest] = commandWords;
  const pretend =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}});process.on("exit",()=>{if(process.moduleLoadList.includes("NativeModule crypto"))console.log("loaded")})';
  const ran = await ended(spawn(program, ["--import", pretend, ...rest, ...words], { cwd: tmpdir() }));
  expect(ran).toEqual({ status: 2, stdout: "", stderr: line });
});
