import { kekErrorCode, LetterlockError } from "@letterlock/core";
import type { Explanation } from "./explanation.ts";
import { networkAdvice } from "./network-advice.ts";

/**
 * The error of a driver in our words: `who` failed, what the driver's code is, and what to do. None of the driver's own words are in it, which can be those of a URL. Network
 * errors of the operating system are "unavailable", whatever the driver.
 */
export function driverError(who: string, error: unknown, explain: (error: unknown) => Explanation): LetterlockError {
  const { code: explained, advice = networkAdvice(error) } = explain(error);
  const identity = {
    provider: "store",
    keyRef: who,
    bindsContext: false,
    authenticatesWrap: false,
    errorCode: () => (explained === "wrong-usage" ? "provider-error" : explained),
  };
  const code = explained === "wrong-usage" ? explained : kekErrorCode(identity, error);
  const said = [`${who} failed`, driverCode(error)].filter((part) => part !== undefined).join(" ");
  return new LetterlockError(code, advice === undefined ? said : `${said}: ${advice}`, { cause: error });
}

/** "(28P01)", "(ECONNREFUSED)" or "(ResourceNotFoundException)": words that no URL has put there. */
function driverCode(error: unknown): string | undefined {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  const word = typeof code === "string" ? code : name;
  return typeof word === "string" && /^[A-Za-z0-9_]{1,60}$/.test(word) && word !== "Error" ? `(${word})` : undefined;
}
