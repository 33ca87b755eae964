import { defineChannel, type } from '@syncline/core'

export interface Line {
  readonly id: string
  readonly text: string
}

/** What the clients and hubs of these tests share: also those that are processes of their own. */
export const room = defineChannel('room/:id', {
  snapshot: type<readonly Line[]>(),
  events: { 'line:said': type<Line>() },
  mutations: { 'line:say': { input: type<Line>() } },
  presence: type<{ readonly name: string }>(),
  cursor: type<{ readonly x: number; readonly y: number }>(),
})
