import { awsKmsOnLocalStack } from "../src/subjects/aws-kms-on-local-stack.ts";
import { conformanceOn } from "./conformance-on.ts";

await conformanceOn(awsKmsOnLocalStack);
