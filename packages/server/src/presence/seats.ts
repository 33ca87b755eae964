import { SynclineError, toWireError } from '@syncline/core'
import type { EnterFrame, ExitFrame, UnwatchFrame, UpdateFrame, WatchFrame } from '@syncline/core/protocol'
import type { ChannelRegistry } from '../channel/channel-registry.ts'
import { Seat, type SeatContext } from './seat.ts'

export type PresenceAsk = WatchFrame | UnwatchFrame | EnterFrame | UpdateFrame | ExitFrame

/** A session's presence on all its channels. */
export class Seats {
  readonly #context: SeatContext
  readonly #registry: Pick<ChannelRegistry, 'find'>
  readonly #seats = new Map<string, Seat>()
  #silent = false

  constructor(context: SeatContext, registry: Pick<ChannelRegistry, 'find'>) {
    this.#context = context
    this.#registry = registry
  }

  /** @param joined whether the session has joined the channel: presence is for those who have */
  take(frame: PresenceAsk, joined: boolean): void {
    const { channel } = frame
    const seat = this.#seats.get(channel) ?? (joined ? this.#add(frame) : this.#refuse(frame))
    if (!seat) return
    switch (frame.type) {
      case 'watch':
        seat.watch()
        break
      case 'unwatch':
        seat.unwatch()
        break
      case 'exit':
        seat.exit()
        break
      default: {
        const { type, channel: _, ...shared } = frame
        if (type === 'enter') seat.enter(shared)
        else seat.update(shared)
      }
    }
    if (seat.isFree) this.#seats.delete(channel)
  }

  leave(channel: string): void {
    this.#seats.get(channel)?.leave()
    this.#seats.delete(channel)
  }

  /** True while a client is owed the list, or to be told that it has entered. */
  get pending(): boolean {
    for (const seat of this.#seats.values()) if (seat.pending) return true
    return false
  }

  /** The session is over. */
  disconnect(): void {
    for (const seat of this.#seats.values()) seat.disconnect()
    this.#seats.clear()
  }

  drained(): void {
    for (const seat of this.#seats.values()) seat.drained()
  }

  /** Nothing was heard of the session for long. */
  silent(): void {
    if (this.#silent) return
    this.#silent = true
    for (const seat of this.#seats.values()) seat.silent()
  }

  heard(): void {
    if (!this.#silent) return
    this.#silent = false
    for (const seat of this.#seats.values()) seat.heard()
  }

  #add({ type, channel }: PresenceAsk): Seat | undefined {
    // Who has not entered has nothing to update.
    const served = type === 'update' ? undefined : this.#registry.find(channel)?.served
    if (!served) return undefined
    const seat = new Seat(this.#context, served, channel)
    this.#seats.set(channel, seat)
    return seat
  }

  #refuse({ type, channel }: PresenceAsk): undefined {
    const error = new SynclineError('forbidden', { channel, detail: 'Join the channel first.' })
    if (type === 'watch') this.#context.complain(error, channel)
    if (type === 'enter') this.#context.send({ type: 'exited', channel, error: toWireError(error) })
    return undefined
  }
}
