import { randomUUID } from 'node:crypto'

/** This run's own: a service that carries the messages of one may carry those of others at the same time. */
export const runName: string = randomUUID().slice(0, 8)
