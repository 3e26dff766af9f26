import { type Outcome, type OutcomeClass, outcomeClasses } from "../outcome.ts";
import type { RunBooks } from "./run-record.ts";

// What a journal holds may be damaged where no check of SQLite looks: in the middle of a text. All of these are undefined for what makes no sense.

export function booksIn(text: unknown): RunBooks | undefined {
  const books = objectIn(text);
  const [classes, codes] = [objectOf(books?.classes), objectOf(books?.codes)];
  if (classes === undefined || codes === undefined || typeof books?.ok !== "boolean") return undefined;
  const counts = [books.scanned, books.unverified, books.bytes, ...outcomeClasses.map((one) => classes[one]), ...Object.values(codes)];
  return counts.every((count) => typeof count === "number") ? (books as unknown as RunBooks) : undefined;
}

export function outcomeIn(text: unknown): Outcome | undefined {
  const outcome = objectIn(text);
  if (typeof outcome?.id !== "string" || !outcomeClasses.includes(outcome.class as OutcomeClass)) return undefined;
  const texts = [outcome.code ?? "", outcome.reason ?? ""];
  return texts.every((one) => typeof one === "string") ? (outcome as unknown as Outcome) : undefined;
}

export function textIn(text: unknown): string | undefined {
  const value = valueIn(text);
  return typeof value === "string" ? value : undefined;
}

export function objectIn(text: unknown): Readonly<Record<string, unknown>> | undefined {
  return objectOf(valueIn(text));
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function valueIn(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
