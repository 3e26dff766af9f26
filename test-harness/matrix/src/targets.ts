import { emulatedTargets as awsKms } from "@letterlock/aws-kms/emulated-targets";
import { emulatedTargets as azureKeyVault } from "@letterlock/azure-key-vault/emulated-targets";
import { emulatedTargets as gcpKms } from "@letterlock/gcp-kms/emulated-targets";
import { availableServers, missingServer, serversAreRequired } from "@letterlock/servers";
import { serverSubjects } from "@letterlock/servers/subjects";
import { emulatedTargets as vaultTransit } from "@letterlock/vault-transit/emulated-targets";
import type { Absent } from "./matrix.ts";
import type { Target } from "./target.ts";

/** Every adapter on its emulator in this process. */
export const emulatedTargets: readonly Target[] = [...awsKms, ...gcpKms, ...azureKeyVault, ...vaultTransit];

/** What runs here: every adapter on its emulator, and on the third-party servers that are installed. Where servers are required, a missing one is an error. */
export function targetsHere(): { readonly targets: readonly Target[]; readonly absent: readonly Absent[] } {
  const targets: Target[] = [...emulatedTargets];
  const absent: Absent[] = [...noServer];
  const servers = new Map(availableServers().map((server) => [server.name, server]));
  for (const { adapter, server, start } of serverSubjects) {
    const { title = server, installed = false } = servers.get(server) ?? {};
    if (installed) targets.push({ adapter, server: title, start });
    else if (serversAreRequired()) throw new Error(missingServer(server));
    else absent.push({ adapter, server: title, reason: "it is not installed here: npm run servers:install installs it" });
  }
  return { targets, absent };
}

/** The first target of each provider, on its emulator: what a demonstration has time for. */
export function oneForEachProvider(): ReturnType<typeof targetsHere> {
  const reason = "this is the quick matrix: npm run matrix runs everything";
  const left = targetsHere().targets.filter((target) => !firsts.includes(target));
  return { targets: firsts, absent: [...left.map(({ adapter, server }) => ({ adapter, server, reason })), ...noServer] };
}

const firsts: readonly Target[] = [awsKms, gcpKms, azureKeyVault, vaultTransit].flatMap((targets: readonly Target[]) =>
  targets.slice(0, 1),
);

/** What nobody outside the provider can run here. Other people's clients against the emulator are the judges instead: test-harness/clients. */
const noServer: readonly Absent[] = [
  {
    adapter: "gcp-kms",
    server: "a third-party server",
    reason: "nobody publishes one that installs without Docker: unproven but for the emulator, which foreign clients and recordings judge",
  },
  {
    adapter: "azure-key-vault",
    server: "a third-party server",
    reason: "nobody publishes one that installs without Docker: unproven but for the emulator, which foreign clients and recordings judge",
  },
];
