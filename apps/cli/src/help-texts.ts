export const kekHelp: string = `KEKs:
  local:PATH[#NAME]          a key file, as \`letterlock keygen\` makes it
  passphrase:[NAME]          a passphrase: asked for, or --passphrase-file, --passphrase-fd
  intermediate:PATH#KEYID    a key blob, as \`letterlock keygen --intermediate\` makes it
  aws-kms://ARN              a key of AWS KMS
  gcp-kms://projects/P/locations/L/keyRings/R/cryptoKeys/NAME
                             a key of Google Cloud KMS
  azure-key-vault://HOST/keys/NAME
                             a key of Azure Key Vault or Managed HSM
  vault-transit://HOST[:PORT]/MOUNT/KEY[?cluster=NAME&derived=true&namespace=NS&tls=false]
                             a key of Vault or OpenBao; VAULT_TOKEN
  NAME                       a name from letterlock.config.json`;

export const exitStatusHelp: string = `Exit status:
  0 done · 1 some objects failed, or input/output failed · 2 wrong usage · 3 not authentic or damaged
  4 no matching KEK or access denied · 5 provider unavailable or throttled · 130 interrupted`;

export const keyStoreHelp: string = `Key stores:
  file:PATH                  a folder
  postgres://[USER@]HOST[:PORT]/DATABASE[?table=NAME]
                             a table of PostgreSQL; PGPASSWORD, ~/.pgpass
  redis://HOST[:PORT][/NUMBER][?prefix={TAG}:]
                             Redis, rediss:// over TLS; REDISCLI_AUTH
  dynamodb://TABLE[?region=REGION&endpoint=http://127.0.0.1:PORT]
                             a table of DynamoDB; the credentials of AWS`;

export const storeHelp: string = `Stores stand in letterlock.config.json, with the keys to move between:
  { "keks": { "old": "aws-kms://ARN", "new": "vault-transit://HOST/transit/KEY" }, "from": ["old"], "to": ["new"],
    "stores": { "users": { "type": "postgres", "table": "app.users", "column": "ssn" },
                "uploads": { "type": "files", "folder": "/srv/uploads" } } }`;

export const examples: Readonly<Record<string, string>> = {
  keygen: `  letterlock keygen --name dev -o dev.key
  letterlock keygen --intermediate --to local:dev.key -o team.ltrlk`,
  encrypt: `  letterlock encrypt report.pdf --to local:dev.key
  letterlock encrypt photos --to local:dev.key passphrase:backup -o sealed
  tar c photos | letterlock encrypt --to local:dev.key > photos.tar.ltrl
  letterlock encrypt row.json --to local:dev.key --context tenant=acme`,
  decrypt: `  letterlock decrypt report.pdf.ltrl --with local:dev.key
  letterlock decrypt sealed --with local:dev.key -o photos
  letterlock decrypt huge.log.ltrl --with local:dev.key --range 1000-2000
  letterlock decrypt row.json.ltrl --with local:dev.key --context tenant=acme`,
  inspect: `  letterlock inspect report.pdf.ltrl
  letterlock inspect --json sealed`,
  verify: `  letterlock verify report.pdf.ltrl --with local:dev.key passphrase:backup
  letterlock verify sealed --with local:dev.key --payload`,
  rewrap: `  letterlock rewrap report.pdf.ltrl --with local:old.key --to local:new.key
  letterlock rewrap sealed --with local:dev.key --to passphrase:backup --keep`,
  refresh: `  letterlock refresh sealed --with local:dev.key
  letterlock refresh --key-store postgres://app@db.example.com/app --with prod
  letterlock refresh --key-store file:keys --with prod --context tenant=acme`,
  stale: `  letterlock stale sealed --with local:dev.key
  letterlock stale sealed --json | wc -l
  letterlock stale --key-store 'redis://cache.example.com?prefix={keys}:' --with prod`,
  doctor: `  letterlock doctor aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
  letterlock doctor prod --for seal
  letterlock doctor intermediate:team.ltrlk#KEYID --with local:dev.key`,
  conformance: `  letterlock conformance local:a.key local:b.key`,
  emulators: `  letterlock emulators > variables &
  until [ -s variables ]; do sleep 0.1; done; . ./variables
  letterlock encrypt report.pdf --to "$AWS_KEK" "$VAULT_KEK"`,
  rekey: `  letterlock rekey report.pdf.ltrl --with local:old.key --to local:new.key`,
  "migrate plan": `  letterlock migrate plan
  letterlock migrate plan users --from prod --to dr --report plan.html`,
  "migrate run": `  letterlock migrate run --keep
  letterlock migrate run users uploads --accept foreign --concurrency 64
  letterlock migrate run --refresh --to prod
  letterlock migrate run --keep --queue redis://redis.internal --partitions 500`,
  "migrate verify": `  letterlock migrate verify
  letterlock migrate verify users --json
  letterlock migrate verify --queue redis://redis.internal --wait`,
  "migrate finish": `  letterlock migrate finish --report finish.html
  letterlock migrate finish --queue redis://redis.internal --verified RUN`,
  "migrate references": `  letterlock migrate references --kek prod
  letterlock migrate references users --kek dr --key-version 1 2
  letterlock migrate references --provider local --key-ref dev`,
  "migrate status": `  letterlock migrate status
  letterlock migrate status users --json
  letterlock migrate status --queue redis://redis.internal`,
  "migrate worker": `  letterlock migrate worker --queue redis://redis.internal
  letterlock migrate worker users --queue 'rediss://app@redis.internal/2?queue=eu' --concurrency 64`,
  "migrate pause": `  letterlock migrate pause --queue redis://redis.internal`,
  "migrate resume": `  letterlock migrate resume --queue redis://redis.internal`,
  "migrate drain": `  letterlock migrate drain --queue redis://redis.internal`,
  "migrate cancel": `  letterlock migrate cancel RUN --queue redis://redis.internal`,
  completion: `  letterlock completion bash > ~/.local/share/bash-completion/completions/letterlock
  letterlock completion zsh > "\${fpath[1]}/_letterlock"
  letterlock completion fish > ~/.config/fish/completions/letterlock.fish`,
};
