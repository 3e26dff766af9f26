/** PEM. The certificate signs itself, so it is also what a client has to trust. */
export interface ThrowAwayCertificate {
  readonly key: string;
  readonly cert: string;
}

/** For this machine's own names; valid for a year, its key in memory only. */
export async function throwAwayCertificate(): Promise<ThrowAwayCertificate> {
  // Loaded when it is used, because loading it replaces a global setting of its X.509 library.
  const { generate } = await import("selfsigned");
  const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
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
  return { key, cert };
}
