export { createDurableKeeper } from '../outbox/durable-keeper.ts'
