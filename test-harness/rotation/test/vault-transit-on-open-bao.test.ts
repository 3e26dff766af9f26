import { requireServer, startOpenBao } from "@letterlock/servers";
import { describe } from "vitest";
import { describeVault } from "../src/describe-vault.ts";

describe.skipIf(!requireServer("openbao"))("on OpenBao", () => describeVault(startOpenBao));
