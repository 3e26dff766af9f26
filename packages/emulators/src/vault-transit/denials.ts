/** Requests to refuse as a policy would. What is undefined matches everything. */
export interface VaultDenial {
  /** The token. */
  readonly credential?: string | undefined;
  /** The service's own word: "decrypt". */
  readonly operation?: string | undefined;
  /** As the request log spells it: "transit/app". */
  readonly key?: string | undefined;
}

export interface Denials {
  add(denial: VaultDenial): void;
  clear(): void;
  match(request: { readonly credential: string; readonly operation: string; readonly key: string | undefined }): boolean;
}

export function createDenials(): Denials {
  let denials: VaultDenial[] = [];
  return {
    add(denial) {
      denials.push({ ...denial });
    },
    clear() {
      denials = [];
    },
    match: (request) =>
      denials.some(
        ({ credential, operation, key }) =>
          (credential === undefined || credential === request.credential) &&
          (operation === undefined || operation.toLowerCase() === request.operation.toLowerCase()) &&
          (key === undefined || key === request.key),
      ),
  };
}
