export { type DynamoDbKeyStoreOptions, dynamoDbKeyStore, dynamoDbKeyTable } from "./dynamodb-key-store.ts";
