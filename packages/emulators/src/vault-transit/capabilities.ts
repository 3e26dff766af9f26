import type { PolicyRule } from "./policy-language.ts";

/** What the rules of several policies allow on a path: the capabilities of the most specific pattern, "deny" alone where one says so. */
export function capabilitiesOn(rules: readonly PolicyRule[], path: string, listing: boolean): readonly string[] {
  const exact = rules.filter(({ pattern }) => pattern === path || (listing && pattern === path.replace(/\/$/, "")));
  if (exact.length > 0) return united(exact);
  const matching = rules
    .filter(({ pattern }) => isWild(pattern) && matches(pattern, path))
    .sort((a, b) => precedence(b.pattern, a.pattern));
  const first = matching[0];
  return first === undefined ? ["deny"] : united(matching.filter(({ pattern }) => pattern === first.pattern));
}

function united(rules: readonly PolicyRule[]): readonly string[] {
  const all = [...new Set(rules.flatMap(({ capabilities }) => capabilities))];
  return all.includes("deny") || all.length === 0 ? ["deny"] : all.sort();
}

function isWild(pattern: string): boolean {
  return pattern.endsWith("*") || pattern.split("/").includes("+");
}

/** "+" is one whole segment; "*" at the end is any end. */
function matches(pattern: string, path: string): boolean {
  const open = pattern.endsWith("*");
  const wanted = (open ? pattern.slice(0, -1) : pattern).split("/");
  const given = path.split("/");
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, index) => {
    const own = given[index] ?? "";
    const last = open && index === wanted.length - 1;
    return last ? own.startsWith(segment) || segment === "+" : segment === "+" || segment === own;
  });
}

/** The order that the documentation of policies gives: the later the first wildcard, the more specific; then five rules for ties. */
function precedence(a: string, b: string): number {
  const firstWild = (pattern: string): number => pattern.search(/\+|\*$/);
  const pluses = (pattern: string): number => pattern.split("/").filter((segment) => segment === "+").length;
  return (
    firstWild(a) - firstWild(b) ||
    Number(b.endsWith("*")) - Number(a.endsWith("*")) ||
    pluses(b) - pluses(a) ||
    a.length - b.length ||
    (a < b ? -1 : 1)
  );
}
