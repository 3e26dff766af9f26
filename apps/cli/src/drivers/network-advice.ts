const advices: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: look whether the server runs, and whether host and port are its own",
  ENOTFOUND: "no host has this name: look at how it is written",
  EHOSTUNREACH: "no way leads to this host: look at the network, and at the address",
  ENETUNREACH: "no way leads to this host: look at the network, and at the address",
};

/** What to look at where the operating system does not reach a server. Undefined for other errors. */
export function networkAdvice(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && Object.hasOwn(advices, code) ? advices[code] : undefined;
}
