import type { Markdown } from "./markdown.ts";

/** A `console` block is what a command printed: it stands word for word in a transcript, and the transcripts are run by the tests of the command. */
export function untestedSessions(documents: readonly Markdown[], transcripts: readonly string[]): string[] {
  return documents.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language, text }) => language === "console" && !transcripts.some((transcript) => transcript.includes(text.trim())))
      .map(({ line }) => `${path}:${line} shows a session that is in no transcript`),
  );
}

/** An `npm run` in a `sh` block names a script that exists. */
export function unknownScripts(documents: readonly Markdown[], scripts: readonly string[]): string[] {
  return documents.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language }) => language === "sh")
      .flatMap(({ line, text }) =>
        [...text.matchAll(/npm run ([\w:-]+)/g)]
          .filter(([, name = ""]) => !scripts.includes(name))
          .map(([call]) => `${path}:${line} runs ${call}, which does not exist`),
      ),
  );
}
