/** What the provider of a KEK allows and asks, as its owner states it. */
export interface RateEntry {
  /** Calls per second, in the long run. */
  readonly perSecond: number;
  /** Calls at once after a pause; `perSecond` by default. */
  readonly burst?: number | undefined;
  /** Price of 10,000 calls, in whatever currency. */
  readonly per10000?: number | undefined;
  /** KEKs with the same name here share the rate. */
  readonly quota?: string | undefined;
}
