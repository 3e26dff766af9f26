import type { FidelityManifest } from "@letterlock/conformance";
import { answersOnlyAsItself } from "./answers-only-as-itself.ts";

/** What LocalStack 4.14.0 cannot judge of AWS KMS. */
export const localStackManifest: FidelityManifest = [
  ...answersOnlyAsItself,
  {
    id: "context-moved-boundary",
    reason: "LocalStack joins the pairs of an encryption context without marking where one ends",
    instead: "{ a: 'b', cd: 'e' } decrypts what { a: 'bc', d: 'e' } encrypted",
  },
  { id: "fault-access-denied", reason: "LocalStack knows no key policies", instead: "every caller may do everything" },
  { id: "fault-throttled", reason: "LocalStack has no request quota", instead: "it answers every request" },
];
