import { type DefaultTreeAdapterTypes, parse } from "parse5";

type Node = DefaultTreeAdapterTypes.ChildNode;
export type Element = DefaultTreeAdapterTypes.Element;
type Parent = DefaultTreeAdapterTypes.ParentNode;

/** A page as a browser understands it. */
export interface ParsedPage {
  /** All of a name, in the order of the page. */
  elements(tagName: string, within?: Parent): readonly Element[];
  withAttribute(name: string, value: string): readonly Element[];
  /** What is read, with spaces where the markup has any. */
  text(within?: Parent): string;
  /** The texts of the rows of a table's body. */
  rows(table: Element): readonly (readonly string[])[];
}

export function parsedPage(html: string): ParsedPage {
  const document = parse(html, {
    onParseError: ({ code, startLine }) => {
      throw new Error(`line ${startLine}: ${code}`);
    },
  });
  const all = (within: Parent): readonly Element[] => within.childNodes.flatMap((node) => (isElement(node) ? [node, ...all(node)] : []));
  const elements: ParsedPage["elements"] = (tagName, within = document) => all(within).filter((element) => element.tagName === tagName);
  const text: ParsedPage["text"] = (within = document) => textOf(within).replaceAll(/\s+/g, " ").trim();
  return {
    elements,
    withAttribute: (name, value) =>
      all(document).filter(({ attrs }) => attrs.some((one) => one.name === name && one.value.split(" ").includes(value))),
    text,
    rows: (table) =>
      elements("tbody", table).flatMap((body) => elements("tr", body).map((row) => elements("td", row).map((cell) => text(cell)))),
  };
}

function isElement(node: Node): node is Element {
  return "tagName" in node;
}

function textOf(within: Parent): string {
  return within.childNodes
    .map((node) => ("value" in node ? node.value : isElement(node) ? (node.tagName === "style" ? "" : ` ${textOf(node)} `) : ""))
    .join("");
}
