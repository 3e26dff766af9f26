import { vaultTransitOnOpenBao } from "../src/subjects/vault-transit-on-open-bao.ts";
import { conformanceOn } from "./conformance-on.ts";

for (const subject of vaultTransitOnOpenBao) await conformanceOn(subject);
