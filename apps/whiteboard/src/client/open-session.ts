import { createClient } from '@syncline/core'
import { indexedDb } from '@syncline/core/indexed-db'
import { fetchToken } from 'demo-support/client'
import { board } from '../contract.ts'
import type { Endpoints } from '../server/endpoints.ts'
import { createBoardView } from './board-view.ts'
import { providers } from './providers.ts'
import type { WindowSettings } from './window-settings.ts'

/** One person on one provider. Another provider goes on with the same storage; another person has their own. */
export const openSession = (settings: WindowSettings, endpoints: Endpoints) => {
  const { provider, person } = settings
  const client = createClient({
    transport: providers[provider].transport(endpoints),
    identity: person,
    token: () => fetchToken(person),
    storage: indexedDb('whiteboard'),
  })
  const channel = client.channel(board, { id: settings.board })
  const view = createBoardView(channel, person)
  const close = async (next: WindowSettings | undefined) => {
    view.close()
    // On another provider it is still there: others see nobody leave and come.
    await client.close({ movesOn: next?.person === person && next.board === settings.board })
  }
  return { settings, client, channel, view, close }
}

export type Session = ReturnType<typeof openSession>
