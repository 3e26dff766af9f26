/** What other people's code gave us, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** The `errors` of an answer, which may be none. Undefined where the answer is not of Vault but of something before it. */
export function textsOf(body: unknown): readonly string[] | undefined {
  const { errors } = fields(body);
  if (!Array.isArray(errors)) return undefined;
  const texts = errors.filter((text) => typeof text === "string");
  return texts.length > 0 || errors.length === 0 ? texts : undefined;
}

/** The code of a network error: of the error itself, or of what it wraps. Four levels are more than any client nests. */
export function codeOf(error: unknown, level = 0): string | undefined {
  const { code, cause, errors } = fields(error);
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]{2,49}$/.test(code)) return code;
  if (level === 4) return undefined;
  return codeOf(cause, level + 1) ?? (Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0], level + 1) : undefined);
}
