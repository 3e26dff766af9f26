import { Refusal } from "./refusal.ts";

/** A rule of a policy: what may be done to the paths that a pattern matches. */
export interface PolicyRule {
  readonly pattern: string;
  readonly capabilities: readonly string[];
}

type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };
type Block = Readonly<Record<string, Value>>;

const capabilities = ["create", "read", "update", "delete", "list", "deny", "sudo", "patch", "scan", "subscribe", "root"];
const shorthand: Readonly<Record<string, readonly string[]>> = {
  deny: ["deny"],
  read: ["read", "list"],
  write: ["create", "read", "update", "delete", "list"],
  sudo: ["create", "read", "update", "delete", "list", "sudo"],
};

/** Policies are HCL, or JSON of the same shape. Of a path, capabilities (and the old `policy`) count; constraints on parameters are read past. */
export function parsePolicy(text: string): readonly PolicyRule[] {
  const paths = text.trimStart().startsWith("{") ? jsonPaths(text) : hclPaths(text);
  return paths.map(([pattern, block]) => rule(pattern, block));
}

function rule(pattern: string, block: Block): PolicyRule {
  if (pattern.startsWith("/")) throw unparsed(`path ${JSON.stringify(pattern)}: path must not start with '/'`);
  const old = typeof block.policy === "string" ? shorthand[block.policy] : [];
  if (old === undefined) throw unparsed(`path ${JSON.stringify(pattern)}: invalid policy ${JSON.stringify(block.policy)}`);
  const named = Array.isArray(block.capabilities) ? block.capabilities.map(String) : [];
  const unknown = named.find((name) => !capabilities.includes(name));
  if (unknown !== undefined) {
    const path = `path ${JSON.stringify(pattern)}`;
    throw unparsed(`${path}: ${path}: invalid capability ${JSON.stringify(unknown)}`);
  }
  const all = [...old, ...named];
  return { pattern, capabilities: all.includes("deny") ? ["deny"] : all };
}

function jsonPaths(text: string): readonly (readonly [string, Block])[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw unparsed((error as Error).message);
  }
  const { path = {} } = parsed as { path?: Readonly<Record<string, Block>> };
  return Object.entries(path);
}

function hclPaths(text: string): readonly (readonly [string, Block])[] {
  const tokens = tokenise(text);
  const paths: (readonly [string, Block])[] = [];
  while (tokens.more()) {
    const word = tokens.next();
    if (word === "path") {
      const pattern = readText(tokens.next());
      paths.push([pattern, readBlock(tokens)]);
    } else {
      tokens.expect("=");
      readValue(tokens);
    }
  }
  return paths;
}

interface Tokens {
  more(): boolean;
  peek(): string | undefined;
  next(): string;
  expect(token: string): void;
}

const token = /#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|("(?:[^"\\\n]|\\.)*"|[\w.-]+|[{}[\]=,])/y;

function tokenise(text: string): Tokens {
  const found: string[] = [];
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) throw unparsed(`illegal character at offset ${at}`);
    if (match[1] !== undefined) found.push(match[1]);
    at = token.lastIndex;
  }
  let next = 0;
  const tokens: Tokens = {
    more: () => next < found.length,
    peek: () => found[next],
    next() {
      const taken = found[next];
      if (taken === undefined) throw unparsed("object expected closing RBRACE got: EOF");
      next += 1;
      return taken;
    },
    expect(wanted) {
      const taken = tokens.next();
      if (taken !== wanted) throw unparsed(`expected ${wanted}, got ${taken}`);
    },
  };
  return tokens;
}

function readBlock(tokens: Tokens): Block {
  tokens.expect("{");
  const block: Record<string, Value> = {};
  while (tokens.peek() !== "}") {
    const name = readName(tokens.next());
    if (tokens.peek() === "=") tokens.next();
    block[name] = readValue(tokens);
    if (tokens.peek() === ",") tokens.next();
  }
  tokens.next();
  return block;
}

function readValue(tokens: Tokens): Value {
  if (tokens.peek() === "{") return readBlock(tokens);
  const first = tokens.next();
  if (first !== "[") return first.startsWith('"') ? readText(first) : first;
  const items: Value[] = [];
  while (tokens.peek() !== "]") {
    items.push(readValue(tokens));
    if (tokens.peek() === ",") tokens.next();
  }
  tokens.next();
  return items;
}

function readName(name: string): string {
  return name.startsWith('"') ? readText(name) : name;
}

function readText(quoted: string): string {
  if (!quoted.startsWith('"')) throw unparsed(`expected a string, got ${quoted}`);
  return JSON.parse(quoted) as string;
}

function unparsed(what: string): Refusal {
  return new Refusal(400, `failed to parse policy: ${what}`);
}
