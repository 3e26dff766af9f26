import { type Node, type ParseError, parseTree } from "jsonc-parser";
import { decoded, type Field, type Splice } from "./record-layout.ts";

/**
 * Fields of a JSON text by their paths. A new value goes into the very place of the old one, so that nothing else changes: no number is rounded, no key moves, and of
 * two members of one name both are found.
 */
export function jsonFields(record: Buffer, paths: readonly (readonly string[])[], nameOf: (root: Node) => string): Field[] {
  const text = decoded(record);
  if (text === undefined) return [unreadable(nameOf({ type: "null", offset: 0, length: 0 }), "it is not UTF-8")];
  if (/^\uFEFF?\s*$/.test(text)) return [];
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  const root = treeOf(text.slice(start));
  if (typeof root === "string") return [unreadable(nameOf({ type: "null", offset: 0, length: 0 }), root)];
  const name = nameOf(root);
  const found = paths.flatMap((path) => nodesAt(root, path, ""));
  // Two paths may lead to one place.
  const places = new Map(found.map((one) => [one.node.offset, one]));
  return [...places.values()].map(({ node, pointer }) => field(text, start, node, `${name}${pointer}`));
}

/** Or why there is none. */
function treeOf(text: string): Node | string {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
    return root === undefined || errors.length > 0 ? "it is no JSON" : root;
  } catch (error) {
    // The parser calls itself for each layer.
    if (error instanceof RangeError) return "it is nested too deeply";
    throw error;
  }
}

function field(text: string, start: number, node: Node, id: string): Field {
  const from = start + node.offset;
  const to = from + node.length;
  if (node.type !== "string") return { id, value: text.slice(from, to), put: undefined };
  const put = (value: string): Splice => ({ from, to, text: JSON.stringify(value) });
  return { id, value: node.value as string, put };
}

function unreadable(id: string, problem: string): Field {
  return { id, value: "", put: undefined, problem };
}

/** A null is no value. */
function nodesAt(node: Node, [name, ...rest]: readonly string[], pointer: string): { readonly node: Node; readonly pointer: string }[] {
  if (name === undefined) return node.type === "null" ? [] : [{ node, pointer }];
  return membersOf(node).flatMap(({ key, value }) =>
    name === "*" || name === key ? nodesAt(value, rest, `${pointer}/${escaped(key)}`) : [],
  );
}

export function membersOf(node: Node): { readonly key: string; readonly value: Node }[] {
  if (node.type === "array") return (node.children ?? []).map((value, i) => ({ key: String(i), value }));
  if (node.type !== "object") return [];
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [{ key: String(key.value), value }],
  );
}

/** RFC 6901. */
function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
