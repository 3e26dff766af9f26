/**
 * A text without what a URL in it may carry before its host; `instead` stands there. Up to the last "@" of a word: who does not write "%2F" for a slash in a password
 * wrote it there all the same.
 */
export function withoutPasswords(text: string, instead = "…@"): string {
  return text.replaceAll(/\/\/[^\s"'`<>]*@/g, `//${instead}`);
}
