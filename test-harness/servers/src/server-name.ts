/** A server that nobody here wrote. */
export type ServerName = "openbao" | "localstack" | "moto";

export const serverNames: readonly ServerName[] = ["openbao", "localstack", "moto"];

interface Description {
  /** As people call it, with the version that is pinned. */
  readonly title: string;
  /** What runs on it. */
  readonly judges: string;
  /** The oldest Python that its pinned packages install on. */
  readonly python: PythonVersion;
}

/** The minor version of Python 3: 12 is Python 3.12. */
export type PythonVersion = number;

/** The newest Python for which the requirement files hold hashes. */
export const newestPython: PythonVersion = 14;

export const descriptions: { readonly [name in ServerName]: Description } = {
  openbao: { title: "OpenBao 2.7.2", judges: "Vault Transit", python: 11 },
  localstack: { title: "LocalStack 4.14.0", judges: "AWS KMS", python: 12 },
  moto: { title: "moto 5.2.3", judges: "AWS KMS", python: 11 },
};
