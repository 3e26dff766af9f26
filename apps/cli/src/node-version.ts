/** As `engines` of the package says. */
const [neededMajor, neededMinor] = [22, 12];

/** What is wrong with a version of Node.js, "20.1.0"; undefined where letterlock runs on it. This module is read by old ones too. */
export function nodeFault(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `letterlock needs Node ${neededMajor}.${neededMinor} or later; this is ${version}`;
}
