/** One request of a recorded conversation, and what the server answered, with everything masked that differs from run to run. */
export interface Turn {
  readonly id: number;
  /** Method and path without "/v1/". `{{7.data.role_id}}` is a value of the answer with id 7; `|v0` after it is a respelling. */
  readonly request: string;
  /** "root" where it is absent, none where it is empty. */
  readonly token?: string;
  readonly namespace?: string;
  /** As it is sent, which is not always JSON. */
  readonly body?: string;
  readonly status?: number;
  readonly answer?: unknown;
}

/** Sends the turns in their order. */
export async function hold(endpoint: string, turns: readonly Turn[]): Promise<readonly Required<Pick<Turn, "id" | "status" | "answer">>[]> {
  const answers = new Map<number, unknown>();
  const held = [];
  for (const turn of turns) {
    const [method = "", path = ""] = filled(turn.request, answers).split(" ");
    const token = filled(turn.token ?? "root", answers);
    const response = await fetch(`${endpoint}/v1/${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(token === "" ? {} : { "x-vault-token": token }),
        ...(turn.namespace === undefined ? {} : { "x-vault-namespace": turn.namespace }),
      },
      ...(turn.body === undefined ? {} : { body: filled(turn.body, answers) }),
    });
    const text = await response.text();
    const answer = parsed(text);
    answers.set(turn.id, answer);
    held.push({ id: turn.id, status: response.status, answer: masked(answer) });
  }
  return held;
}

export function readTurns(lines: string): readonly Turn[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Turn);
}

function filled(text: string, answers: ReadonlyMap<number, unknown>): string {
  return text.replaceAll(/\{\{(\d+)\.([\w.]+)(?:\|([^}]+))?\}\}/g, (_, id: string, path: string, spelling?: string) => {
    const value = String(
      path.split(".").reduce((inner: unknown, name) => (inner as Record<string, unknown>)[name], answers.get(Number(id))),
    );
    const respelt = spelling === undefined ? value : respellings[spelling]?.(value);
    if (respelt === undefined) throw new Error(`no respelling ${spelling}`);
    return JSON.stringify(respelt).slice(1, -1);
  });
}

const respellings: Readonly<Record<string, (ciphertext: string) => string>> = {
  ...Object.fromEntries(
    ["v0", "v00", "v01", "v+1", "v-1", "v2"].map((version) => [version, (text: string) => text.replace("v1", version)]),
  ),
  "line break inside": (text) => `${text.slice(0, 20)}\n${text.slice(20)}`,
  "line break after": (text) => `${text}\n`,
  "loose bits": (text) => (/[^=]=$/.test(text) ? looser(text, 2, 1) : looser(text, 3, 2)),
  "changed nonce": (text) => changed(text, 0),
  "changed body": (text) => changed(text, 25),
  "changed tag": (text) => changed(text, -1),
  "one byte less": (text) => bytes(text, (body) => body.subarray(0, -1)),
  "one byte more": (text) => bytes(text, (body) => Buffer.concat([body, new Uint8Array(1)])),
  "space before": (text) => ` ${text}`,
  "no padding": (text) => text.replace(/=+$/, ""),
  "trailing text": (text) => `${text}AAAA`,
  "upper case": (text) => text.replace("vault", "VAULT"),
};

/** Sets the last of the bits that stand for nothing; a text without such bits stays as it is. */
function looser(text: string, fromEnd: number, padding: number): string {
  if (!text.endsWith("=".repeat(padding))) return text;
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const at = text.length - fromEnd;
  return `${text.slice(0, at)}${alphabet[alphabet.indexOf(text[at] ?? "") + 1]}${text.slice(at + 1)}`;
}

function changed(text: string, at: number): string {
  return bytes(text, (body) => {
    const index = at < 0 ? body.length + at : at;
    return Buffer.from(body.map((byte, position) => (position === index ? byte ^ 1 : byte)));
  });
}

function bytes(text: string, change: (body: Buffer) => Buffer): string {
  const [, head = "", body = ""] = /^(.*:)([^:]*)$/.exec(text) ?? [];
  return `${head}${change(Buffer.from(body, "base64")).toString("base64")}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === "" ? undefined : text;
  }
}

const random = new Set([
  "request_id",
  "id",
  "client_token",
  "accessor",
  "secret_id",
  "secret_id_accessor",
  "role_id",
  "uuid",
  "entity_id",
  "cluster_id",
  "cluster_name",
]);
const times = new Set(["issue_time", "expire_time", "creation_time", "server_time_utc", "modified", "ttl", "commit_date"]);

/** What no two servers say alike: names that are drawn at random, times, key material. */
function masked(value: unknown, name = ""): unknown {
  if (random.has(name)) return typeof value === "string" ? value.replace(/^(s\.|b\.)?.+$/, "$1*") : value;
  if (times.has(name)) return value === null || value === 0 ? value : "*";
  if (name === "ciphertext" || name === "plaintext" || name === "random_bytes" || name === "public_key") return shape(name, String(value));
  if (typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return "*";
  if (Array.isArray(value)) return value.map((item) => masked(item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "request_id");
  if (name === "keys")
    return Object.fromEntries(entries.map(([version, made]) => [version, typeof made === "object" ? masked(made) : typeof made]));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, masked(inner, key)]));
}

/** The version and how many characters follow, or the text itself where the conversation chose it. */
function shape(name: string, text: string): string {
  if (name === "plaintext" && ["QUJDRA==", "YQ==", ""].includes(text)) return text;
  if (name === "public_key") return `${text.split("\n")[0]?.startsWith("-----") ? "PEM" : "base64"}`;
  return text.replace(/[A-Za-z0-9+/=]+$/, (tail) => `${tail.length} characters`);
}
