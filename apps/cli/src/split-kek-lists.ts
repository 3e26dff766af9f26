/** Options that take several words, before the command's own. */
const lists: readonly string[] = ["--to", "--with", "--from", "--accept", "--key-version"];

/**
 * `--to A B` names two KEKs, `--to A file` a KEK and a file, and only the configuration can tell. So the words after the first go to an option of
 * their own, and the command sorts them out.
 */
export function splitKekLists(words: readonly string[]): readonly string[] {
  const split: string[] = [];
  let list: string | undefined;
  let value = false;
  for (const [index, word] of words.entries()) {
    if (word === "--") return [...split, ...words.slice(index)];
    if (value) {
      split.push(word);
      value = false;
    } else if (lists.includes(word)) {
      list = `${word}-or-in`;
      value = true;
      split.push(word);
    } else if (list !== undefined && (word === "-" || !word.startsWith("-"))) {
      split.push(`${list}=${word}`);
    } else {
      const named = lists.find((option) => word.startsWith(`${option}=`));
      list = named === undefined ? undefined : `${named}-or-in`;
      split.push(word);
    }
  }
  return split;
}
