import { createClient, defineChannel, type Transport, type } from '@syncline/core'
import { createHub, type Gateway, memoryStore } from '@syncline/server'
import { onTestFinished } from 'vitest'
import { collect } from '../collect.ts'
import { runName } from '../conformance/run-name.ts'
import { serveHub } from './serve-hub.ts'

const notes = defineChannel('notes/:id', {
  events: { note: type<string>() },
  mutations: { add: { input: type<string>() } },
})

/**
 * A hub behind one gateway, with a channel that notes are added to (this run's own), and clients that are who they say.
 *
 * @param transport the client's half, for the hub's uplink at `url`
 */
export const startNotes = async (gateway: Gateway, transport: (url: string) => Transport) => {
  const hub = createHub({
    store: memoryStore(),
    gateways: [gateway],
    authenticate: ({ token }) => ({ id: token ?? 'nobody' }),
  })
  hub.serve(notes, { mutations: { add: ({ input, publish }) => publish('note', input) } })
  const url = await serveHub(hub)
  const connect = (identity: string) => {
    const client = createClient({ transport: transport(url), identity, token: () => identity })
    onTestFinished(() => client.close())
    const channel = client.channel(notes, { id: runName })
    return { client, channel, seen: collect(channel.on('note')) }
  }
  return { hub, connect }
}
