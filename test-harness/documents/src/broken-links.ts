import { posix } from "node:path";
import type { Markdown } from "./markdown.ts";

/** Links to files and headings that are not there. Links to other hosts are not followed. */
export function brokenLinks(all: readonly Markdown[], exists: (path: string) => boolean): string[] {
  const byPath = new Map(all.map((document) => [document.path, document]));
  return all.flatMap((document) =>
    document.links.flatMap(({ line, target }) => {
      if (/^[a-z][a-z+.-]*:/i.test(target)) return [];
      const [file = "", anchor] = decodeURI(target).split("#");
      const path = file === "" ? document.path : posix.join(posix.dirname(document.path), file).replace(/\/$/, "");
      const where = `${document.path}:${line}`;
      if (target.startsWith("/") || path.startsWith("..")) return [`${where} links to ${target}, outside the repository`];
      if (!exists(path)) return [`${where} links to ${target}, which does not exist`];
      const anchors = byPath.get(path)?.anchors;
      const missing = anchor !== undefined && anchors !== undefined && !anchors.has(anchor);
      return missing ? [`${where} links to ${target}; ${path} has no such heading`] : [];
    }),
  );
}
