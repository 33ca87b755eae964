export { ably, type ModularAblyOptions } from './modular-ably.ts'
