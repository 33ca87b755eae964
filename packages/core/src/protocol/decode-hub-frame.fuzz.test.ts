import { anyJson, damaged, hubFrames } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'

import { SynclineError } from '../errors/syncline-error.ts'
import { decodeHubFrame } from './decode-hub-frame.ts'

/** Milliseconds. A failure is made short before it is told. */
const patience = 20_000

// The protocol a second time, in another way.
const count = z.int().min(0)
const any = z.unknown()
const position = z.looseObject({ epoch: z.string(), seq: count })
const anchor = z.looseObject({ epoch: z.string(), seq: count, id: z.string() })
const number = z.custom((value) => typeof value === 'number')
const writeId = z.string().nullish()
const messages = z
  .array(
    z.union([
      z.tuple([count, z.string(), number, z.string(), any]),
      z.tuple([count, z.string(), number, z.string(), any, writeId]).rest(any),
    ]),
  )
  .refine((list) => list.every(([seq], index) => seq === list[0]![0] + index))
const error = z.looseObject({
  code: z.string(),
  detail: z.string().optional(),
  retryAfter: count.optional(),
  issues: z.array(z.looseObject({ message: z.string(), path: z.string().optional() })).optional(),
})
const effects = z.array(z.looseObject({ channel: z.string(), position }))
const answer = z.union([
  z.tuple([count, z.string(), z.literal('accepted'), any, effects]).rest(any),
  z.tuple([count, z.string(), z.literal('rejected'), error]).rest(any),
])
const snapshot = z.union([z.array(any), z.looseObject({ writes: z.array(z.string()).optional() })])
const of = <T extends string>(type: T, fields: z.ZodRawShape) =>
  z.looseObject({ type: z.literal(type), ...fields })
const on = <T extends string>(type: T, fields: z.ZodRawShape) => of(type, { channel: z.string(), ...fields })
const stream = { client: z.string(), generation: count }
const limits = z.looseObject({ frameBytes: count, writesInFlight: count, channels: count })
const protocol = z.union([
  on('messages', { epoch: z.string(), messages, after: z.string().optional(), head: anchor.optional() }),
  on('joined', { start: anchor, head: anchor, messages, snapshot: snapshot.optional() }),
  on('page', { after: anchor, head: anchor, messages }),
  on('snapshot', { error }),
  on('snapshot', {
    error: z.undefined().optional(),
    position: anchor,
    writes: z.array(z.string()).optional(),
  }),
  on('refused', { error }),
  on('answers', { ...stream, answers: z.array(answer) }),
  on('back', { ...stream, expect: count, error }),
  on('unknown-stream', { ...stream, from: count.optional() }),
  on('members', {}),
  on('presence', {}),
  on('entered', {}),
  on('exited', {}),
  of('pong', {}),
  of('heads', { heads: z.array(z.tuple([z.string(), anchor]).rest(any)) }),
  of('welcome', {
    version: z.literal(1),
    session: z.string(),
    subject: z.string(),
    heartbeat: z.number().int().positive(),
    limits,
  }),
  of('welcome', { version: count.refine((version) => version !== 1) }),
  of('bye', { error }),
  of('error', { error, channel: z.string().optional() }),
])

const decoded = (value: unknown): unknown => {
  try {
    return decodeHubFrame(value)
  } catch (thrown) {
    return thrown
  }
}

it('takes every frame that a hub may send, as it is', () => {
  fc.assert(
    fc.property(hubFrames(), (frame) => {
      expect(decoded(frame)).toBe(frame)
    }),
    { numRuns: 500 },
  )
})

it(
  'takes what is a frame by the protocol, and refuses all else with malformed-frame',
  () => {
    fc.assert(
      fc.property(fc.oneof({ arbitrary: damaged(hubFrames()), weight: 5 }, anyJson), (value) => {
        const result = decoded(value)
        if (protocol.safeParse(value).success) expect(result).toBe(value)
        else {
          expect(result).toBeInstanceOf(SynclineError)
          expect(result).toHaveProperty('code', 'malformed-frame')
        }
      }),
      { numRuns: 2_000 },
    )
  },
  patience,
)
