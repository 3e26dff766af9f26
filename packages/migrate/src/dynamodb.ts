export { type DynamoDbStoreOptions, dynamoDbStore } from "./dynamodb-store.ts";
