import { clientTests } from "../src/client-tests.ts";
import { pythonKit } from "../src/python-kit.ts";

await clientTests(pythonKit);
