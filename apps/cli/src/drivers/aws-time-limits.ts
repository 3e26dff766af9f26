import { answerDeadlineMs, connectDeadlineMs } from "./explanation.ts";

export interface AwsTimeLimits {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: true;
}

/** The `requestHandler` of a client. Without the third of them the SDK only warns. */
export function awsTimeLimits(requestTimeout: number = answerDeadlineMs): AwsTimeLimits {
  return { connectionTimeout: connectDeadlineMs, requestTimeout, throwOnRequestTimeout: true };
}
