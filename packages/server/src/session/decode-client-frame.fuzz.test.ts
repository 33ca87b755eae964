import { SynclineError } from '@syncline/core'
import { anyJson, clientFrames, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { decodeClientFrame } from './decode-client-frame.ts'

/** Milliseconds. A failure is made short before it is told. */
const patience = 20_000

// The protocol a second time, in another way.
const text = z.string().min(1).max(256)
const count = (least: number) => z.int().min(least)
const any = z.unknown()
const anchor = z.looseObject({ epoch: z.string(), seq: count(0), id: z.string() })
const write = z
  .tuple([count(1), text, z.enum(['mutate', 'publish', 'void']), z.string().max(256), any, count(0)])
  .rest(any)
const shared = { status: z.enum(['active', 'idle', 'away']).optional(), typing: z.boolean().optional() }
const of = (type: string, fields: z.ZodRawShape) => z.looseObject({ type: z.literal(type), ...fields })
const on = (type: string, fields: z.ZodRawShape = {}) => of(type, { channel: text, ...fields })
const protocol = z.union([
  of('hello', { version: count(0), client: text, identity: text.optional() }),
  of('auth', { token: z.string().min(1).max(16_384) }),
  of('ping', {}),
  of('heads', { channels: z.array(text) }),
  on('join', { at: anchor.optional(), snapshot: z.boolean().optional() }),
  on('leave'),
  on('fetch', { after: anchor, limit: count(1).optional() }),
  on('snapshot'),
  on('writes', { client: text, generation: count(1), answered: count(0), writes: z.array(write) }),
  on('watch'),
  on('unwatch'),
  on('enter', shared),
  on('update', shared),
  on('exit'),
])

/** zod compares the length of what is no text as well, and an object need not be comparable. */
const isSound = (value: unknown): boolean => {
  try {
    return protocol.safeParse(value).success
  } catch {
    return false
  }
}

const opening = fc.oneof(
  fc.record({ type: fc.constant('hello'), version: fc.nat(3), client: fc.string(), identity: fc.string() }),
  fc.record({ type: fc.constant('auth'), token: fc.string() }),
)
const frames = fc.oneof(clientFrames(), opening)

it('takes every frame that a client may send, and what it takes it takes again', () => {
  fc.assert(
    fc.property(clientFrames(), (frame) => {
      const taken = decodeClientFrame(frame)
      expect(taken).toEqual(frame)
      expect(decodeClientFrame(taken)).toEqual(taken)
    }),
    { numRuns: 500 },
  )
})

it(
  'takes what is a frame by the protocol and no field more, and refuses all else with malformed-frame',
  () => {
    fc.assert(
      fc.property(fc.oneof({ arbitrary: damaged(frames), weight: 5 }, frames, anyJson), (value) => {
        const sound = isSound(value)
        try {
          const taken = decodeClientFrame(value)
          expect(sound).toBe(true)
          expect(value).toMatchObject(taken)
        } catch (error) {
          if (!(error instanceof SynclineError)) throw error
          expect(error.code).toBe('malformed-frame')
          expect(sound).toBe(false)
        }
      }),
      { numRuns: 2_000 },
    )
  },
  patience,
)
