import { awsKmsOnMoto } from "../src/subjects/aws-kms-on-moto.ts";
import { conformanceOn } from "./conformance-on.ts";

await conformanceOn(awsKmsOnMoto);
