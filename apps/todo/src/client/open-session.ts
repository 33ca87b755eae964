import { createClient } from '@syncline/core'
import { indexedDb } from '@syncline/core/indexed-db'
import { fetchToken } from 'demo-support/client'
import { todos } from '../contract.ts'
import { providers } from './providers.ts'
import { createTodoList } from './todo-list.ts'
import type { WindowSettings } from './window-settings.ts'

/** One person on one provider. Another provider goes on with the same storage; another person has their own. */
export const openSession = (settings: WindowSettings) => {
  const { provider, person } = settings
  const client = createClient({
    transport: providers[provider].transport(location.origin),
    identity: person,
    token: () => fetchToken(person),
    storage: indexedDb('todo-app'),
  })
  const list = createTodoList(client.channel(todos), person)
  const close = async () => {
    list.close()
    await client.close()
  }
  return { settings, client, list, close }
}

export type Session = ReturnType<typeof openSession>
