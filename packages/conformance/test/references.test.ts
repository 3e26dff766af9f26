import { testKek } from "../src/vitest.ts";
import { fakeSubject, plainSubject } from "./support/fake-subject.ts";

// A KEK that is right passes every case: nothing may fail, and nothing may stay unproven.
testKek("the reference", fakeSubject(), { unproven: "fail", patienceMs: 2000 });
testKek("the plain reference, which binds nothing and has no optional member", plainSubject(), { unproven: "fail", patienceMs: 2000 });
