import { defineChannel, type } from '@syncline/core'
import type { BenchMessage } from './message.ts'

/** The channel that everything is measured on. */
export const feed = defineChannel('feed', {
  events: { message: type<BenchMessage>() },
  mutations: { add: { input: type<BenchMessage>(), output: type<BenchMessage>() } },
})
