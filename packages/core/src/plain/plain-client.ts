import type { Observable } from 'rxjs'
import type { ConnectionStatus } from '../connection/connection.ts'
import type { SynclineError } from '../errors/syncline-error.ts'
import type { State } from '../state/state.ts'
import type { PlainChannels } from './plain-channel.ts'

/**
 * A client of a plain server: one that knows nothing of Syncline. What a plain server cannot promise is not
 * here: no order across reconnects, no resume, no outbox, no receipts.
 */
export interface PlainClient<CanSend extends boolean = boolean> {
  readonly status$: State<ConnectionStatus>
  readonly errors$: Observable<SynclineError>
  /**
   * A handle to one channel, joined while somebody listens; joined again after each reconnect. Without a
   * name: the whole connection, every event of every channel. An event whose channel the provider does not
   * tell reaches all that listen to its name. Connects with the first listener.
   *
   * @example
   * client.plain<{ 'todo:created': Todo }>('todos').on('todo:created', (todo) => show(todo))
   */
  plain<Events extends object = Record<string, unknown>, Sends extends object = Record<string, unknown>>(
    channel?: string,
  ): PlainChannels<Events, Sends>[`${CanSend}`]
  /** Connects without listening. */
  connect(): void
  retryNow(): void
  close(): void
}
