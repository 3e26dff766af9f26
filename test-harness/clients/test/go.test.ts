import { clientTests } from "../src/client-tests.ts";
import { goKit } from "../src/go-kit.ts";

await clientTests(goKit);
