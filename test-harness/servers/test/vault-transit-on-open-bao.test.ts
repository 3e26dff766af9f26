import { vaultTransitOnOpenBao } from "../src/subjects/vault-transit-on-open-bao.ts";
import { conformanceOn } from "./conformance-on.ts";

await Promise.all(vaultTransitOnOpenBao.map(conformanceOn));
