import { usage } from "../failure.ts";

/** Where a URL stands, and how it is written: for messages, which never repeat it, because it may hold a password wherever that was meant to stand. */
export interface UrlPlace {
  /** "--key-store", or "stores.users.url". */
  readonly where: string;
  readonly form: string;
}

export function parsedUrl(text: string, { where, form }: UrlPlace): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // What follows an unescaped "#" of a password would be taken for no part of it.
  if (url === undefined || url.hash !== "")
    throw usage(`${where}: this is no URI (a password has %23 for #, %2F for / and so on): write ${form}`);
  return url;
}

/** Those of `names`, each at most once and with a value. */
export function urlParameters<Name extends string>(
  url: URL,
  names: readonly Name[],
  { where, form }: UrlPlace,
): Partial<Readonly<Record<Name, string>>> {
  const given: Partial<Record<Name, string>> = {};
  for (const [written, value] of url.searchParams) {
    const name = names.find((known) => known === written);
    if (name === undefined || Object.hasOwn(given, name) || value === "") {
      const known = names.length === 0 ? "there are no parameters" : `the parameters are ${names.join(", ")}, each once and with a value`;
      throw usage(`${where}: ${known}: write ${form}`);
    }
    given[name] = value;
  }
  return given;
}

export function decodedPart(text: string, { where, form }: UrlPlace): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw usage(`${where}: a % is written %25: write ${form}`);
  }
}
