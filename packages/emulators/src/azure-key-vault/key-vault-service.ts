import { randomBytes } from "node:crypto";
import type { HttpAnswer, HttpRequest, HttpService } from "../server/http-server.ts";
import type { Access } from "./access.ts";
import { distort } from "./distort.ts";
import { deletedBundle, keyBundle, keyItem, page, versionItem } from "./key-bundle.ts";
import { runOperation } from "./key-operation.ts";
import { type KeyStore, latest } from "./key-store.ts";
import { createVersion, importVersion, seconds } from "./key-version.ts";
import { answerHeaders, badParameter, Refusal, serviceUnavailable, throttled } from "./refusal.ts";
import { importParameters, keyParameters, operationValues, parseBody, updateVersion } from "./request-body.ts";
import { emulatorTenantId, issueToken, openIdConfiguration } from "./token-endpoint.ts";
import { understandPath } from "./understand-request.ts";

interface KeyVaultServiceOptions {
  readonly store: KeyStore;
  readonly access: Access;
  readonly managedHsm: boolean;
  readonly scheme: "http" | "https";
}

export function createKeyVaultService(options: KeyVaultServiceOptions): HttpService {
  const { access, scheme, managedHsm } = options;
  const resource = managedHsm ? "https://managedhsm.azure.net" : "https://vault.azure.net";
  return {
    understand(request) {
      const { operation, name } = understandPath(request);
      const credential = access.credentialOf(request.headers.authorization);
      const anonymous = credential === undefined && operation !== "token" && operation !== "openIdConfiguration";
      const key = name === "" ? undefined : `${originOf(scheme, request)}/keys/${name}`;
      return { operation: anonymous ? "challenge" : operation, key, credential };
    },
    async answer(request) {
      const origin = originOf(scheme, request);
      const challenge = `Bearer authorization="${origin}/${emulatorTenantId}", resource="${resource}"`;
      try {
        return withRequestId(await answer(options, request, origin, challenge));
      } catch (error) {
        if (error instanceof Refusal) return withRequestId(error.answer);
        throw error;
      }
    },
    refuse: (as) => withRequestId((as === "throttled" ? throttled() : serviceUnavailable()).answer),
    distort,
  };
}

async function answer(options: KeyVaultServiceOptions, request: HttpRequest, origin: string, challenge: string): Promise<HttpAnswer> {
  const { store, access, managedHsm } = options;
  const { operation, name, version } = understandPath(request);
  if (operation === "openIdConfiguration") return openIdConfiguration(origin, request);
  if (operation === "token") return issueToken(access, request);
  access.check({ credential: access.credentialOf(request.headers.authorization), operation, name, challenge });
  if ((request.url.searchParams.get("api-version") ?? "") === "") throw badParameter("api-version must be specified");
  const body = parseBody(request.body);
  switch (operation) {
    case "create":
      store.checkName(name);
      return ok(keyBundle(origin, name, latest(store.add(name, await createVersion(keyParameters(body, managedHsm))))));
    case "import": {
      const { parameters, jwk } = importParameters(body, managedHsm);
      return ok(keyBundle(origin, name, latest(store.add(name, importVersion(parameters, jwk)))));
    }
    case "get":
      return ok(keyBundle(origin, name, store.version(name, version)));
    case "list":
      return ok(
        page(
          request.url,
          origin,
          store.keys().map((key) => keyItem(origin, key)),
        ),
      );
    case "listVersions":
      return ok(
        page(
          request.url,
          origin,
          store.key(name).versions.map((one) => versionItem(origin, name, one)),
        ),
      );
    case "update": {
      const updated = store.version(name, version);
      updateVersion(updated, body);
      updated.updated = seconds();
      return ok(keyBundle(origin, name, updated));
    }
    case "rotate":
      return ok(keyBundle(origin, name, await store.rotate(name)));
    case "getRotationPolicy":
      return ok({ id: `${origin}/keys/${name}/rotationpolicy`, lifetimeActions: [], attributes: {}, ...store.key(name).rotationPolicy });
    case "updateRotationPolicy":
      store.key(name).rotationPolicy = body;
      return ok({ id: `${origin}/keys/${name}/rotationpolicy`, ...body });
    case "delete":
      return ok(deletedBundle(origin, store.delete(name)));
    case "getDeleted":
      return ok(deletedBundle(origin, store.deletedKey(name)));
    case "listDeleted":
      return ok(
        page(
          request.url,
          origin,
          store.deletedKeys().map((key) => keyItem(origin, key)),
        ),
      );
    case "recover":
      return ok(keyBundle(origin, name, latest(store.recover(name))));
    case "purge":
      store.purge(name);
      return { status: 204, headers: answerHeaders };
    case "wrapKey":
    case "unwrapKey":
    case "encrypt":
    case "decrypt": {
      const used = store.version(name, version);
      const { algorithm, values } = operationValues(body);
      return ok({ kid: `${origin}/keys/${name}/${used.id}`, ...spelled(runOperation(used, operation, algorithm, values)) });
    }
    default:
      throw new Refusal(404, "NotFound", "The emulator has no such operation");
  }
}

function ok(body: unknown): HttpAnswer {
  return { status: 200, headers: answerHeaders, body };
}

function withRequestId(given: HttpAnswer): HttpAnswer {
  return { ...given, headers: { ...given.headers, "x-ms-request-id": randomBytes(16).toString("hex") } };
}

function spelled(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter((entry): entry is [string, Buffer] => entry[1] !== undefined)
      .map(([name, value]) => [name, value.toString("base64url")]),
  );
}

/** Ids are spelled with the host that the client used. */
function originOf(scheme: string, { headers }: HttpRequest): string {
  return `${scheme}://${(headers.host ?? "localhost").toLowerCase()}`;
}
