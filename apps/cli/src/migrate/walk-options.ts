import type { OutcomeClass, WalkOptions } from "@letterlock/migrate";
import { usage } from "../failure.ts";
import { withoutCredentials } from "../keks/kek-uri.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { badClasses } from "./verdict.ts";

/** What a command line says of any walk; wrong usage where it cannot be. */
export type AskedWalk = Pick<WalkOptions, "concurrency" | "memoryBytes" | "patience"> & { readonly accept: readonly OutcomeClass[] };

export function askedWalk({ concurrency, memory, patience, accept = [] }: MigrateOptions): AskedWalk {
  return {
    accept: accept.flatMap((word) => word.split(",")).map(acceptedClass),
    ...(concurrency === undefined ? {} : { concurrency: count("--concurrency", concurrency, "how many objects are worked on at once") }),
    ...(patience === undefined
      ? {}
      : { patience: { attempts: count("--patience", patience, "how often a provider in trouble is asked about one object") } }),
    ...(memory === undefined ? {} : { memoryBytes: bytes(memory) }),
  };
}

export function isAcceptable(word: string): boolean {
  return badClasses.some((one) => one === word);
}

function acceptedClass(word: string): OutcomeClass {
  const found = badClasses.find((one) => one === word);
  if (found === undefined)
    throw usage(`--accept ${withoutCredentials(word)}: the classes that can be accepted are ${badClasses.join(", ")}`);
  return found;
}

function count(option: string, text: string, what: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw usage(`${option} needs a number from 1 to 99999: ${what}`);
  return Number(text);
}

const units: Readonly<Record<string, number>> = { "": 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

function bytes(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,12})(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
  const value = Number(digits) * (units[unit] ?? Number.NaN);
  if (!(value >= 2 ** 20 && Number.isSafeInteger(value))) throw usage("--memory needs bytes, as in 256MiB, and at least 1MiB");
  return value;
}
