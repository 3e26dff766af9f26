/** One test of somebody else's runner, as that runner reported it. */
export interface ClientTest {
  readonly name: string;
  readonly passed: boolean;
  /** What it printed. */
  readonly output: string;
}
