import { execFileSync } from "node:child_process";
import { chownSync, cpSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { sharedFolder } from "./letterlock-command.ts";
import { connectToPostgres } from "./postgres-connection.ts";
import { type Entry, secret, storeMigration } from "./store-migration.ts";

const folder = sharedFolder();
const { sealed, sealedText, opened, moves, migrate, fails, found } = storeMigration(folder);
const emulated = emulatedProviders();
/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe("a store in a PostgreSQL that is away", { timeout: 60_000 }, () => {
  it("is unavailable", async () => {
    const entry = { type: "postgres", url: `postgres://app:${secret}@127.0.0.1:1/shop`, table: "t", column: "c" };
    await fails(
      entry,
      "unavailable",
      "the store users (postgres://127.0.0.1:1/shop) failed (ECONNREFUSED): nothing listens there: look whether the server runs",
    );
  });
});

describe.skipIf(!requireDebianServer("postgresql"))("a store in PostgreSQL", { timeout: 60_000 }, () => {
  let host = "";
  let client: Client;
  const url = (user = "postgres", database = "postgres"): string => `postgres://${user}:${secret}@${host}/${database}`;
  const at = (options: Entry, ...where: Parameters<typeof url>): Entry => ({ type: "postgres", url: url(...where), ...options });

  beforeAll(async () => {
    host = new URL(running.use(await startPostgres()).endpoint).host;
    client = await connectToPostgres(host);
    running.defer(() => client.end());
    await client.query(
      "CREATE SCHEMA app; CREATE TABLE app.users (id int PRIMARY KEY, name text UNIQUE NOT NULL, ssn bytea, note text, data jsonb)",
    );
    await client.query("CREATE TABLE unkeyed (id int, ssn bytea)");
    for (let i = 1; i <= 5; i++)
      await client.query("INSERT INTO app.users VALUES ($1, $2, $3, $4, $5)", [
        ...[i, `user ${i}`, await sealed(`ssn ${i}`), await sealedText(`note ${i}`)],
        JSON.stringify({ secrets: [await sealedText(`data ${i}`)], visits: i }),
      ]);
    await client.query(`CREATE ROLE reader LOGIN; CREATE ROLE locked LOGIN PASSWORD '${secret}'`);
    const { rows } = await client.query<{ hba_file: string }>("SHOW hba_file");
    const hba = rows[0]?.hba_file ?? "";
    writeFileSync(hba, `host all locked 127.0.0.1/32 scram-sha-256\n${readFileSync(hba, "utf8")}`);
    await client.query("SELECT pg_reload_conf()");
    await client.query("GRANT USAGE ON SCHEMA app TO locked; GRANT SELECT, UPDATE ON app.users TO locked");
  }, 60_000);

  it("is moved: bytes, texts by a key of its own, and a path in a document, with as many connections as it may have", async () => {
    // An update takes longer than the next page, which has to wait for the connection then.
    await client.query(`CREATE TABLE seen (application text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN INSERT INTO public.seen VALUES (current_setting('application_name')); PERFORM pg_sleep(0.1); RETURN NEW; END $$;
      CREATE TRIGGER see AFTER UPDATE OF ssn ON app.users FOR EACH ROW EXECUTE FUNCTION see();
      CREATE ROLE single LOGIN CONNECTION LIMIT 1; GRANT locked TO single`);
    const options = { table: "app.users", pageRows: 1 };
    await moves(at({ ...options, column: "ssn", connections: 1 }, "single"), 5);
    const { rows: seen } = await client.query("SELECT application, count(*)::int AS updates FROM seen GROUP BY application");
    expect(seen).toEqual([{ application: "letterlock", updates: 5 }]);
    await moves(at({ ...options, column: "note", key: ["name"], connections: 4 }), 5);
    await moves(at({ ...options, column: "data", path: ["secrets", "0"] }), 5);
    const { rows } = await client.query<{ ssn: Buffer; note: string; data: { secrets: string[]; visits: number } }>(
      "SELECT * FROM app.users WHERE id = 3",
    );
    const [row] = rows;
    expect(await opened(row?.ssn ?? "")).toBe("ssn 3");
    expect(await opened(row?.note ?? "")).toBe("note 3");
    expect(await opened(row?.data.secrets[0] ?? "")).toBe("data 3");
    expect(row?.data.visits).toBe(3);
  });

  it("is where PGHOST and PGPORT say when the configuration does not, and takes PGPASSWORD", async () => {
    const environment = {
      PGHOST: "127.0.0.1",
      PGPORT: host.split(":")[1] ?? "",
      PGUSER: "locked",
      PGPASSWORD: secret,
      PGDATABASE: "postgres",
    };
    const entry = { type: "postgres", table: "app.users", column: "ssn" };
    expect(await migrate(["verify"], { users: entry }, environment)).toMatchObject({ status: 0, stderr: "" });
    const message = `the store users (postgres://${host}/postgres) failed (28P01): the user or the password is wrong`;
    await fails(entry, "access-denied", message, { ...environment, PGPASSWORD: "other" });
  });

  it.each([
    [
      "a table that is not there",
      { table: "app.user" },
      "wrong-usage",
      'failed (42P01): there is no such table: compare "table" with the database, upper and lower case too',
    ],
    ["a schema that is not there", { table: "App.users" }, "wrong-usage", "there is no such table"],
    ["a column that is not there", { column: "SSN" }, "usage", "stores.users: app.users has no column SSN"],
    [
      "a column of another type",
      { column: "id" },
      "usage",
      "stores.users: app.users.id is of type integer; an object stands in bytea, text, ",
    ],
    [
      "a table without a primary key",
      { table: "unkeyed" },
      "usage",
      "stores.users: unkeyed has no primary key: name the columns of a unique one as key",
    ],
    ["a key that is not there", { key: ["email"] }, "usage", "stores.users: app.users has no column email"],
    ["a path in bytes", { path: ["a"] }, "usage", "stores.users: ssn is of type bytea, which has no path"],
    ["a document without a path", { column: "data" }, "usage", "stores.users: data is of type jsonb: name a path in it"],
  ])("says that the configuration names %s", async (_what, options, code, message) => {
    await fails(at({ table: "app.users", column: "ssn", ...options }), code, message);
  });

  it.each([
    ["nobody", "postgres", "access-denied", "failed (28000): the user or the password is wrong"],
    ["locked", "shop", "wrong-usage", "failed (3D000): there is no such database on this server: name another, or make it"],
    [
      "reader",
      "postgres",
      "access-denied",
      "failed (42501): the user needs USAGE on the schema, SELECT on the column and the key, and UPDATE on the column",
    ],
    ["postgres", "postgres?sslmode=require", "wrong-usage", "failed: the server has no TLS, and sslmode wants it: leave sslmode out"],
    [
      "postgres",
      "postgres?sslmode=verify-full&sslrootcert=none.pem",
      "wrong-usage",
      "failed (ENOENT): a file that sslrootcert, sslcert or sslkey names cannot be read",
    ],
  ])("says what is wrong for %s at %s", async (user, database, code, message) => {
    const place = `the store users (postgres://${host}/${database.split("?")[0]}) `;
    await fails(at({ table: "app.users", column: "ssn" }, user, database), code, `${place}${message}`);
  });

  it("is told from one that the user may only read, before anything is read or a provider called", async () => {
    await client.query(`CREATE TABLE app."Odd ""one" (id int PRIMARY KEY, "Ssn" text);
      CREATE ROLE looker LOGIN; GRANT USAGE ON SCHEMA app TO looker; GRANT SELECT ON app.users, app."Odd ""one" TO looker`);
    const { keks, environment, admin } = emulated.providers;
    const users = { ...at({ table: "app.users", column: "ssn" }, "looker"), from: ["old", "new"], to: [keks.VAULT_KEK] };
    const odd = at({ table: 'app.Odd "one', column: "Ssn" }, "looker");
    admin.vault.takeRequests();
    const place = `the store users (postgres://${host}/postgres): the user may not write `;
    for (const step of ["plan", "run", "finish"]) {
      const { status, stdout, stderr } = await migrate([step], { users }, environment);
      expect(stderr, step).toBe(`letterlock: users: access-denied: ${place}app.users.ssn: grant UPDATE on the column\n`);
      expect([status, stdout], step).toEqual([4, ""]);
      expect((await migrate([step], { users: odd })).stderr).toContain(`${place}app.Odd "one.Ssn: grant UPDATE on the column`);
    }
    expect(admin.vault.takeRequests()).toEqual([]);
    expect((await migrate(["verify"], { users }, environment)).stdout).toContain("users: 5 objects");
    await fails(at({ table: "app.users", column: "SSN" }, "looker"), "usage", "stores.users: app.users has no column SSN");
    await client.query('GRANT UPDATE (ssn) ON app.users TO looker; GRANT UPDATE ON app."Odd ""one" TO looker');
    expect((await migrate(["plan"], { users }, environment)).stdout).toContain("users: 5 objects");
    expect((await migrate(["run"], { users: odd })).status).toBe(0);
  });

  it("is reached over TLS with an authority beside the configuration, and not without one", async () => {
    const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
    const data = rows[0]?.data_directory ?? "";
    const made = ["-keyout", join(data, "server.key"), "-out", join(data, "server.crt")];
    const named = ["-subj", "/CN=database", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...named, ...made], { stdio: "pipe" });
    const { uid, gid } = statSync(data);
    for (const name of ["server.key", "server.crt"]) chownSync(join(data, name), uid, gid);
    await client.query("ALTER SYSTEM SET ssl = on");
    await client.query("SELECT pg_reload_conf()");
    cpSync(join(data, "server.crt"), join(folder, "authority.pem"));
    const users = (database: string): Entry => at({ table: "app.users", column: "ssn" }, "postgres", database);
    const over = "postgres?sslmode=verify-full";
    const reached = async (): Promise<number | null> =>
      (await migrate(["plan"], { users: users(`${over}&sslrootcert=authority.pem`) })).status;
    await expect.poll(reached, { timeout: 20_000 }).toBe(0);
    const advice = "nobody here knows who signed its certificate: name the authority with sslrootcert=PATH";
    await fails(users(over), "wrong-usage", `(DEPTH_ZERO_SELF_SIGNED_CERT): ${advice}`);
    await client.query("ALTER SYSTEM SET ssl = off");
    await client.query("SELECT pg_reload_conf()");
  });

  it("wants a password where none is given", async () => {
    const entry = { type: "postgres", url: `postgres://locked@${host}/postgres`, table: "app.users", column: "ssn" };
    await fails(entry, "access-denied", "the server wants a password: PGPASSWORD, or one in ~/.pgpass");
  });

  it("ends when a statement takes longer than it may", async () => {
    await client.query("BEGIN; LOCK TABLE app.users IN ACCESS EXCLUSIVE MODE");
    try {
      const message = 'failed: a statement took too long: allow it more with "statementSeconds"';
      await fails(at({ table: "app.users", column: "ssn", statementSeconds: 1 }), "unavailable", message);
    } finally {
      await client.query("ROLLBACK");
    }
  });

  it("gets PGPASSWORD from a configuration that was found only where PGHOST is that server", async () => {
    const entry = { type: "postgres", url: `postgres://locked@${host}/postgres`, table: "app.users", column: "ssn" };
    const refused = await found(entry, { PGPASSWORD: secret, PGHOST: "db.example.com" });
    expect(refused.stderr).toContain(
      `letterlock.config.json was found, not named, so PGPASSWORD does not go to the ${host} of stores.users: if that is your server, set PGHOST`,
    );
    expect(refused.status).toBe(2);
    const [PGHOST = "", PGPORT = ""] = host.split(":");
    expect(await found(entry, { PGPASSWORD: secret, PGHOST, PGPORT })).toMatchObject({ status: 0, stderr: "" });
    expect(await found({ ...entry, url: url("locked") }, { PGPASSWORD: "other" })).toMatchObject({ status: 0, stderr: "" });
  });

  it("keeps its password out of the journal of a run", async () => {
    const journal = ["--journal", join(folder, "runs.journal")];
    const { status } = await migrate(["run", ...journal], { users: at({ table: "app.users", column: "ssn" }, "locked") });
    expect(status).toBe(0);
    await fails(at({ table: "app.user", column: "ssn" }), "wrong-usage", "there is no such table", {}, journal);
    expect(readFileSync(join(folder, "runs.journal")).includes(secret)).toBe(false);
  });
});
