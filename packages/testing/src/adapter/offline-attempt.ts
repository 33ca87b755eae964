import { errorCatalog, SynclineError, type Transport, type TransportEvent } from '@syncline/core'
import type { ClientFrame } from '@syncline/core/protocol'
import { expect } from 'vitest'
import { createVirtualTime } from '../virtual-time.ts'

const hello: ClientFrame = { type: 'hello', version: 1, client: 'c1' }
/** What an offline attempt asks for after its hello. */
export const offlineJoins: readonly ClientFrame[] = ['todos', 'notes'].map((channel) => ({
  type: 'join',
  channel,
}))

/** One attempt of a transport whose SDK and hub have no network, once it has done what it can. */
export const startOfflineAttempt = async (transport: Transport, fetch: typeof globalThis.fetch) => {
  const time = createVirtualTime({ fetch })
  const session = transport.open(time.environment)
  const events: TransportEvent[] = []
  const errors: unknown[] = []
  const attempt = session.attempt({ token: 'ada', frames: [hello, ...offlineJoins] }).subscribe({
    next: (event) => void events.push(event),
    error: (error) => void errors.push(error),
  })
  await time.settle()
  return {
    errors,
    frames: (): readonly unknown[] =>
      events.flatMap((event) => (event.type === 'frames' ? event.frames : [])),
    open: (): boolean => events.some(({ type }) => type === 'open'),
    settle: time.settle,
    /** Ends it. @returns how many timers are left */
    end: async (): Promise<number> => {
      attempt.unsubscribe()
      session.dispose()
      await time.advance(20_000)
      return time.timers
    },
  }
}

/** Checks that it ended by one error of ours at most. @returns whether it goes on */
export const goesOn = (errors: readonly unknown[]): boolean => {
  expect(errors.length).toBeLessThanOrEqual(1)
  for (const error of errors) {
    expect(error).toBeInstanceOf(SynclineError)
    expect(Object.keys(errorCatalog)).toContain((error as SynclineError).code)
  }
  return errors.length === 0
}
