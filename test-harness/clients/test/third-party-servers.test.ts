import { requireServer, startLocalStack, startOpenBao } from "@letterlock/servers";
import { describe, test } from "vitest";
import { clientTestsOn } from "../src/client-tests.ts";
import { goKit } from "../src/go-kit.ts";
import { pythonKit } from "../src/python-kit.ts";

// The same tests against servers that nobody here wrote: what they expect of an emulator is then more than a belief about the service.

describe("OpenBao", async () => {
  if (!requireServer("openbao")) return test.skip("passes the same tests");
  await using bao = await startOpenBao();
  const settings = { EMULATOR_VAULT_TRANSIT: bao.endpoint, EMULATOR_VAULT_TRANSIT_TOKEN: bao.rootToken };
  await clientTestsOn(settings, goKit, "^TestHashiVault");
  await clientTestsOn(settings, pythonKit, "test_vault_transit.py");
});

describe("LocalStack", async () => {
  if (!requireServer("localstack")) return test.skip("passes the same tests");
  await using localStack = await startLocalStack();
  await clientTestsOn({ EMULATOR_AWS_KMS: localStack.endpoint }, goKit, "^TestAwsKms(Conformance|ByAlias|ErrorCodes)$");
});
