export * from './frames.ts'
export * from './position.ts'
export type { WireError } from '../errors/syncline-error.ts'
