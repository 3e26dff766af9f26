import { randomBytes } from "node:crypto";

/** PEM, each with a line break at its end, so that several make one file of trusted certificates. The certificate signs itself, so it is also what a client has to trust. */
export interface ThrowAwayCertificate {
  readonly key: string;
  readonly cert: string;
}

/** For this machine's own names; valid for a year, its key in memory only. */
export async function throwAwayCertificate(): Promise<ThrowAwayCertificate> {
  // Loaded when it is used, because loading it replaces a global setting of its X.509 library.
  const { generate } = await import("selfsigned");
  // OpenSSL trusts one certificate of a name only, so each has its own.
  const name = [
    { name: "commonName", value: "localhost" },
    { name: "organizationName", value: `emulator ${randomBytes(8).toString("hex")}` },
  ];
  const { private: key, cert } = await generate(name, {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  return { key, cert: `${cert.trimEnd()}\n` };
}
