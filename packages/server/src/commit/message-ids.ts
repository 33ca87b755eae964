import type { HubEnvironment } from '../environment/hub-environment.ts'

/**
 * Ids of messages: 56 random bits for this hub process and a count. What they must tell apart is a message and
 * another one that a restored log put in its place, and those are of different processes.
 */
export const createMessageIds = (environment: HubEnvironment): (() => string) => {
  const process = environment.id().replaceAll('-', '').slice(-14)
  let count = 0
  return () => `${process}.${(++count).toString(36)}`
}
