import { testKek } from "@letterlock/conformance/vitest";
import { afterAll } from "vitest";
import { awsSubjects } from "./support/aws-subject.ts";
import { wrappers } from "./support/wrappers.ts";

const subjects = await awsSubjects();
afterAll(() => subjects[Symbol.asyncDispose]());

// What a wrapper does with changed ciphertext does not depend on which byte was changed.
for (const [name, wrapping] of Object.entries(wrappers)) {
  testKek(`AWS KMS, ${name}`, await subjects.subject(wrapping), { unproven: "fail", tamperedBytes: 8 });
}
