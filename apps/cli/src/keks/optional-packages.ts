import { usage } from "../failure.ts";

/**
 * Runs what imports packages that are installed on demand. Where one of them is missing, the error says what to run; `purpose` begins its sentence.
 */
export async function withPackages<T>(packages: readonly string[], purpose: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const missing = packages.filter((name) => !installed(name));
    if (missing.length === 0) throw error;
    throw usage(`${purpose} not installed: run npm install ${missing.join(" ")} (with --global where letterlock is global)`);
  }
}

function installed(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
