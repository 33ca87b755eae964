import { defineChannel, type } from '@syncline/core'
import type { BenchMessage } from './message.ts'

/** Where a cursor is, and the how-manieth place of it that is. */
export interface BenchCursor {
  readonly n: number
  readonly x: number
  readonly y: number
}

/** The channel with people on it. */
export const room = defineChannel('room', {
  events: {},
  presence: type<{ readonly name: string }>(),
  cursor: type<BenchCursor>(),
})

/** The channel that everything is measured on. */
export const feed = defineChannel('feed', {
  events: { message: type<BenchMessage>() },
  mutations: { add: { input: type<BenchMessage>(), output: type<BenchMessage>() } },
})
