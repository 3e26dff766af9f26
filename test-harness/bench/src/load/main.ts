import { parseArgs } from "node:util";
import { loadReport } from "./load-report.ts";
import { fullSize, measureHierarchy, measureSides, measureTwoProviders, shortSize } from "./measure-load.ts";

const { values } = parseArgs({ options: { short: { type: "boolean", default: false } } });
const size = values.short ? shortSize : fullSize;
console.error("measuring one intermediate KEK ...");
const hierarchy = await measureHierarchy(size);
console.error("measuring two providers ...");
const two = await measureTwoProviders(size);
console.error("measuring beside the AWS Encryption SDK ...");
const sides = await measureSides(size, 10 * size.tenants);
console.log(loadReport([hierarchy, two], sides));
