import { expect, test } from "vitest";
import { type Vector, vectorsOf } from "./vector-file.ts";

/** One case for every vector of the op, titled by its id, and one that counts them: none can be left out without notice. */
export function vectorCases<T extends Vector>(op: string, run: (vector: T) => Promise<void>): void {
  const vectors = vectorsOf(op) as readonly T[];
  const executed: string[] = [];
  for (const vector of vectors) {
    test(vector.id, { timeout: 60_000 }, async () => {
      executed.push(vector.id);
      await run(vector);
    });
  }
  test(`runs each of the ${vectors.length} ${op} vectors once`, () => {
    expect(vectors.length).toBeGreaterThan(0);
    expect(executed).toEqual(vectors.map(({ id }) => id));
  });
}
