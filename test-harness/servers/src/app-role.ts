import { baoDo } from "./bao-request.ts";

/** A login by AppRole. */
export interface AppRole {
  readonly roleId: string;
  /** A new secret id for each call. It opens one login. */
  newSecretId(): Promise<string>;
  /** A new token, made with a new secret id. */
  login(): Promise<string>;
}

interface Role {
  readonly name: string;
  readonly policy: string;
  readonly tokenTtlSeconds: number;
}

/** A role whose tokens have one policy, and cannot be renewed beyond their first life. */
export async function createAppRole(endpoint: string, token: string, { name, policy, tokenTtlSeconds }: Role): Promise<AppRole> {
  const life = `${tokenTtlSeconds}s`;
  await baoDo(endpoint, { method: "PUT", path: `sys/policies/acl/${name}`, body: { policy }, token });
  await baoDo(endpoint, {
    path: `auth/approle/role/${name}`,
    body: { token_policies: [name], token_ttl: life, token_max_ttl: life, secret_id_num_uses: 1 },
    token,
  });
  const { data } = await baoDo(endpoint, { method: "GET", path: `auth/approle/role/${name}/role-id`, token });
  const roleId = data?.role_id as string;
  const newSecretId = async (): Promise<string> => {
    const made = await baoDo(endpoint, { path: `auth/approle/role/${name}/secret-id`, body: {}, token });
    return made.data?.secret_id as string;
  };
  return {
    roleId,
    newSecretId,
    async login() {
      const { auth } = await baoDo(endpoint, { path: "auth/approle/login", body: { role_id: roleId, secret_id: await newSecretId() } });
      return (auth as { readonly client_token: string }).client_token;
    },
  };
}
