import type { ExitStatus } from "./exit-status.ts";
import type { Input } from "./files/inputs.ts";
import { forEachSealed } from "./for-each-sealed.ts";
import type { ChosenKeks, KekRoles } from "./keks/chosen-keks.ts";
import { rewriteInPlace } from "./rewrite-in-place.ts";
import type { SealedSource } from "./sealed-source.ts";
import { type CommandOptions, isSealedName, openSession, type Session } from "./session.ts";

/** One sealed input, and what the work on it needs. */
interface Rewriting extends Pick<Session, "report" | "configuration"> {
  readonly input: Input;
  readonly source: SealedSource;
  readonly keks: ChosenKeks;
  /** Puts new bytes in the place of the input. Resolves to their number. */
  write(chunks: AsyncIterable<Uint8Array>): Promise<number>;
}

/** What the commands that rewrite sealed objects in place share. */
export async function rewriteSealed(
  words: readonly string[],
  options: CommandOptions,
  roles: KekRoles,
  work: (rewriting: Rewriting) => Promise<void>,
): Promise<ExitStatus> {
  const session = await openSession(words, options, isSealedName);
  const { report, configuration, inputs } = session;
  if (inputs.list.some(({ path }) => path === "-")) report.dataOnStdout();
  const items = inputs.list.map((input) => ({ input }));
  return session.withKeks(roles, (keks) =>
    forEachSealed(session, items, ({ input }, source) =>
      work({ report, configuration, input, source, keks, write: (chunks) => rewriteInPlace(input, source, chunks, options) }),
    ),
  );
}
