import type { AnyContract, ChannelDefinition } from '../contract/channel-contract.ts'
import { parse } from '../contract/schema.ts'
import { SynclineError } from '../errors/syncline-error.ts'

/** Parses what the hub sends on a channel, by the channel's contract. Each throws `schema-violation`. */
export interface ChannelParsers {
  /** Throws `unknown-event` too. */
  event(event: string, data: unknown): unknown
  snapshot(state: unknown): unknown
  result(mutation: string, result: unknown): unknown
}

export const createChannelParsers = (contract: AnyContract): ChannelParsers => {
  const { events, snapshot, mutations }: ChannelDefinition = contract.definition
  const schemas = new Map(Object.entries(events))
  return {
    event: (event, data) => {
      const schema = schemas.get(event)
      if (!schema) throw new SynclineError('unknown-event', { detail: `"${event}"`, channel: contract.name })
      return parse(schema, data, event)
    },
    snapshot: (state) => (snapshot ? parse(snapshot, state, 'snapshot') : state),
    result: (mutation, result) => {
      const output = mutations?.[mutation]?.output
      return output ? parse(output, result, `result of ${mutation}`) : undefined
    },
  }
}
