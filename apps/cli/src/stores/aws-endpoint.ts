import { usage } from "../failure.ts";

/** The address of a service that is not Amazon's own: an emulator, or one that speaks the protocol. Refused without repeating it, because it may hold a password. */
export function checkEndpoint(name: string, endpoint: string | undefined): void {
  if (endpoint === undefined) return;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isAddress = url !== undefined && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
  if (isAddress && url.username === "" && url.password === "") return;
  throw usage(`stores.${name}.endpoint: write https://HOST[:PORT], without credentials: those are the SDK's own business`);
}
