import type { FidelityManifest } from "@letterlock/conformance";
import { answersOnlyAsItself } from "./answers-only-as-itself.ts";

/** What OpenBao 2.7.2 cannot judge of Vault Transit. What only HashiCorp's releases do stands in the README of this package: no case asks for it. */
export const openBaoManifest: FidelityManifest = answersOnlyAsItself;
