/** The parts of a document that can be wrong. */
export interface Markdown {
  readonly path: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  readonly anchors: ReadonlySet<string>;
}
export interface Block {
  readonly line: number;
  /** The first word after the fence. */
  readonly language: string;
  /** The words after it. */
  readonly marks: readonly string[];
  readonly text: string;
}
export interface Link {
  readonly line: number;
  readonly target: string;
}

export function parseMarkdown(path: string, text: string): Markdown {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const headings: string[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const [, indent, fence, info] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line) ?? [];
    if (fence !== undefined) {
      const start = index + 1;
      const body: string[] = [];
      while (++index < lines.length && lines[index]?.trim() !== fence) body.push((lines[index] ?? "").replace(indent ?? "", ""));
      const [language = "", ...marks] = (info ?? "").split(/\s+/);
      blocks.push({ line: start, language, marks, text: body.join("\n") });
      continue;
    }
    const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(line) ?? [];
    if (heading !== undefined) headings.push(heading);
    const prose = line.replaceAll(/`[^`]*`/g, "");
    for (const [, target = ""] of prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)) links.push({ line: index + 1, target });
    for (const [, target = ""] of prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/g)) links.push({ line: index + 1, target });
  }
  return { path, blocks, links, anchors: anchorsOf(headings) };
}

/** The ids that code hosts give to headings: lower case, letters, digits, hyphens; a second one of the same name gets "-1". */
function anchorsOf(headings: readonly string[]): Set<string> {
  const seen = new Map<string, number>();
  return new Set(
    headings.map((heading) => {
      const slug = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
        .replaceAll(" ", "-");
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}
