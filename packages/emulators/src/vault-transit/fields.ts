import { Refusal } from "./refusal.ts";

/** The JSON object of a request. Vault reads it loosely: a number where text is due, text where a number is due. */
export type Fields = Readonly<Record<string, unknown>>;

export function textField(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "object" ? "" : String(value);
}

export function booleanField(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return value === true || value === 1 || (typeof value === "string" && /^(1|t|true)$/i.test(value));
}

export function integerField(fields: Fields, name: string, prefix = "Field validation failed: "): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && value !== "" ? Number(value) : typeof value === "number" ? value : Number.NaN;
  if (value === "") return 0;
  if (Number.isInteger(number)) return number;
  throw new Refusal(
    400,
    `${prefix}error converting input for field "${name}": '' cannot parse value as 'int': strconv.ParseInt: invalid syntax`,
  );
}

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** "3s", "1h30m", "1d", a number, or a number as text: seconds. */
export function secondsField(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === "") return undefined;
  const text = String(value);
  if (/^-?\d+$/.test(text)) return Number(text);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Refusal(
      400,
      `Field validation failed: error converting input for field "${name}": time: invalid duration ${JSON.stringify(text)}`,
    );
  }
  return Math.floor(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ""] ?? 0), 0));
}

/** An array of text, or text with commas. */
export function listField(fields: Fields, name: string): readonly string[] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const items = Array.isArray(value) ? value.map(String) : String(value).split(",");
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
