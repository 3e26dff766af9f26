/** RFC 7517. Of our own, because the types of Node for it have moved from one release to another. */
export interface Jwk {
  readonly kty?: string;
  /** Of a symmetric key. */
  readonly k?: string;
  readonly [member: string]: unknown;
}
