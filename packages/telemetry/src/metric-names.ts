/** Every metric of this package, with its unit as UCUM writes it. */
export const metricNames = {
  callDuration: { name: "letterlock.kek.call.duration", unit: "s", description: "How long calls of KEKs took" },
  calls: { name: "letterlock.kek.calls", unit: "{call}", description: "Calls of KEKs by how they ended" },
  ringDuration: { name: "letterlock.keyring.operation.duration", unit: "s", description: "How long operations of key rings took" },
  ringKeys: { name: "letterlock.keyring.keys", unit: "{key}", description: "Data keys that a ring has in memory" },
  ringIntermediates: {
    name: "letterlock.keyring.intermediates",
    unit: "{key}",
    description: "Intermediate KEKs that a ring has in memory",
  },
  ringOldestAge: {
    name: "letterlock.keyring.oldest_key.age",
    unit: "s",
    description: "Since the key that a ring has had longest was opened",
  },
  ringKekAway: {
    name: "letterlock.keyring.kek.away",
    unit: "s",
    description: "Since when a KEK of a ring has been throttled or unavailable; 0 when it is not",
  },
  ringKekSuccess: { name: "letterlock.keyring.kek.last_success.age", unit: "s", description: "Since a KEK of a ring answered" },
  degradedSeals: { name: "letterlock.seals.degraded", unit: "{seal}", description: "Seals that miss a KEK" },
} as const;
