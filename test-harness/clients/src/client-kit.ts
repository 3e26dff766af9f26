import type { ClientTest } from "./client-test.ts";

/** Other people's clients of one language, and the tests that use them. */
export interface ClientKit {
  readonly language: "Go" | "Python";
  /** Why its tests cannot run here; undefined when they can. */
  missing(): Promise<string | undefined>;
  /** Does nothing where everything is installed. Throws an `Error` that says what failed. */
  install(): Promise<void>;
  /**
   * `settings`: environment variables that say where the services are. `selection`: which tests, all by default; for Go an expression that finds their
   * names, for Python one like "test_*.py" for their files. Never throws: what goes wrong is a failed test.
   */
  run(settings: Readonly<Record<string, string>>, selection?: string): Promise<readonly ClientTest[]>;
}
