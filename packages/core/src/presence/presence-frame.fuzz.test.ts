import { damaged, hubFrames } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { SynclineError } from '../errors/syncline-error.ts'
import { decodeHubFrame } from '../protocol/decode-hub-frame.ts'
import type { HubFrame } from '../protocol/frames.ts'
import { asPresenceFrame } from './presence-frame.ts'

const kinds = ['members', 'presence', 'entered', 'exited']

it('takes every frame of presence as it is, and leaves others alone', () => {
  fc.assert(
    fc.property(hubFrames(), (frame) => {
      expect(asPresenceFrame(frame)).toBe(kinds.includes(frame.type) ? frame : undefined)
    }),
  )
})

it('refuses a damaged one with malformed-frame and its channel', () => {
  const presence = hubFrames().filter(({ type }) => kinds.includes(type))
  fc.assert(
    fc.property(damaged(presence), (value) => {
      let frame: HubFrame
      try {
        frame = decodeHubFrame(value)
      } catch {
        return
      }
      try {
        const taken = asPresenceFrame(frame)
        if (taken?.type === 'members')
          for (const { id, since } of taken.members)
            expect([typeof id, Number.isFinite(since)]).toEqual(['string', true])
        if (taken?.type === 'presence')
          for (const [op, about] of taken.changes)
            expect(typeof about).toBe(op === 'enter' ? 'object' : 'string')
      } catch (error) {
        expect(error).toBeInstanceOf(SynclineError)
        expect(error).toMatchObject({
          code: 'malformed-frame',
          channel: (frame as { channel: string }).channel,
        })
      }
    }),
    { numRuns: 500 },
  )
})
