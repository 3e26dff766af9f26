import type { KekOperation } from "@letterlock/core";

/** What a provider calls the permissions of the operations on one key, and the document that grants them. */
export interface PermissionPolicy {
  /** The provider's own words; an operation that it needs none for is absent. */
  readonly permissions: Readonly<Partial<Record<KekOperation, readonly string[]>>>;
  /** What the document is, and where it goes. */
  readonly what: string;
  /** As text to paste. What stands in capitals is for the reader to fill in. */
  document(operations: readonly KekOperation[]): string;
}

/** The permissions of some operations, each once. */
export function permissionsOf(
  { permissions }: Pick<PermissionPolicy, "permissions">,
  operations: readonly KekOperation[],
): readonly string[] {
  return [...new Set(operations.flatMap((operation) => permissions[operation] ?? []))];
}
