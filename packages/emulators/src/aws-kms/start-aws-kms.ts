import { randomUUID } from "node:crypto";
import type { Emulator, EmulatorOptions } from "../server/emulator.ts";
import { createFaults } from "../server/faults.ts";
import { type HttpAnswer, type HttpRequest, type HttpService, startHttpServer } from "../server/http-server.ts";
import { listenAddress } from "../server/loopback.ts";
import { createRequestLog } from "../server/request-log.ts";
import { createAccess } from "./access.ts";
import { type AwsKmsAdmin, createAdmin } from "./admin.ts";
import { AwsKmsError, errorAnswer } from "./aws-kms-error.ts";
import { oneByteLess, underAnotherKey } from "./distortion.ts";
import { serialization } from "./fields.ts";
import { createKeyStore } from "./key-store.ts";
import type { Service } from "./operation.ts";
import { operations } from "./operations.ts";
import { readRequest } from "./request.ts";

export interface AwsKmsOptions extends EmulatorOptions {
  /** The account that all keys and all callers are of: 12 digits, "111122223333" by default. */
  readonly account?: string | undefined;
  /** How long a new grant works only for requests that carry its token, in milliseconds; 0 by default. The service says up to 5 minutes. */
  readonly grantDelayMs?: number | undefined;
}

/**
 * AWS KMS on this machine, for any SDK: give it `endpoint`, any region and any credentials. One server is every region, told apart by what the
 * signature names; the signature itself is not checked, and the access key id is who asks. Keys are gone when it is closed.
 */
export async function startAwsKms(options: AwsKmsOptions = {}): Promise<Emulator<AwsKmsAdmin>> {
  const { account = "111122223333", grantDelayMs = 0 } = options;
  if (!/^\d{12}$/.test(account)) throw new RangeError("account must be 12 digits");
  if (!(grantDelayMs >= 0)) throw new RangeError("grantDelayMs must be 0 or more milliseconds");
  const service: Service = {
    store: createKeyStore(account),
    access: createAccess(),
    grantDelayMs,
  };
  const faults = createFaults(Object.keys(operations));
  const log = createRequestLog();
  const server = await startHttpServer({ ...listenAddress(options), service: httpService(service), faults, log });
  return {
    endpoint: server.origin,
    admin: createAdmin(service, faults, log),
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
}

function httpService(service: Service): HttpService {
  return {
    understand(request) {
      const { operation, accessKeyId, fields, region } = readRequest(request);
      const named = fields?.KeyId ?? fields?.DestinationKeyId ?? fields?.TargetKeyId;
      const place = { region, account: service.store.account };
      const key = typeof named === "string" ? (service.store.lookUp(named, place)?.arn ?? named) : undefined;
      return { operation, key, credential: accessKeyId };
    },
    async answer(request) {
      try {
        return success(await perform(service, request));
      } catch (error) {
        if (error instanceof AwsKmsError) return framed(errorAnswer(error));
        throw error;
      }
    },
    refuse: (as) =>
      framed(
        errorAnswer(as === "throttled" ? new AwsKmsError("ThrottlingException", "Rate exceeded") : new AwsKmsError("KMSInternalException")),
      ),
    distort: (as, answer) => (as === "wrong-key" ? underAnotherKey(answer) : oneByteLess(answer)),
  };
}

async function perform(service: Service, request: HttpRequest): Promise<unknown> {
  const { operation: name, fields, accessKeyId, region } = readRequest(request);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined)
    throw new AwsKmsError("UnknownOperationException", `the emulator has no operation ${name || "in this request"}`);
  if (accessKeyId === undefined) throw new AwsKmsError("MissingAuthenticationTokenException", "Missing Authentication Token");
  if (fields === undefined) throw serialization();
  const caller = { accessKeyId, region, account: service.store.account };
  service.access.requireCaller(caller, name);
  return operation({ name, fields, caller, service });
}

function success(body: unknown): HttpAnswer {
  return framed(body === undefined ? { status: 200 } : { status: 200, body });
}

function framed(answer: HttpAnswer): HttpAnswer {
  return { ...answer, headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() } };
}
