import { createDefaultEnvironment } from '../environment/default-environment.ts'
import type { Client } from './client.ts'
import type { ClientOptions, PlainClientOptions } from './client-options.ts'
import { createHubClient } from './create-hub-client.ts'

/**
 * Makes a client. It is inert until something of it is used.
 *
 * @example
 * const client = createClient({ transport: socketIo('http://localhost:3001') })
 * client.channel(todos).on('todo:created', (todo) => console.log(todo))
 *
 * @example <caption>A plain server, that knows nothing of Syncline</caption>
 * const client = createClient({ transport: plainSocketIo('http://localhost:3001') })
 * client.plain<{ 'todo:created': Todo }>('todos').on('todo:created', (todo) => console.log(todo))
 */
export function createClient<Plain>(options: PlainClientOptions<Plain>): Plain
// Last: TypeScript explains a mistake by the last overload.
export function createClient(options: ClientOptions): Client
export function createClient(options: ClientOptions | PlainClientOptions<unknown>): unknown {
  if (!options?.transport) throw new TypeError('createClient: `transport` is missing.')
  const environment = options.environment ?? createDefaultEnvironment()
  return options.transport.kind === 'plain'
    ? options.transport.createClient({ ...options, environment })
    : createHubClient({ ...(options as ClientOptions), environment })
}
