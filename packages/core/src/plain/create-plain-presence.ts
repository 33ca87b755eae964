import { Observable } from 'rxjs'
import type { Connection } from '../connection/connection.ts'
import { SynclineError } from '../errors/syncline-error.ts'
import { Emitter } from '../state/emitter.ts'
import { createState } from '../state/state.ts'
import type { PlainEvent, PlainLink, PlainMember, PlainPresenceChange } from '../transport/plain-provider.ts'
import type { EnteringPlainPresence } from './plain-presence.ts'

/** Makes the presence of channels by their names: the same for the same name. */
export type CreatePlainPresence = (
  connection: Connection<PlainLink, PlainEvent>,
  /** Keeps the channel joined; returns the end. */
  hold: (channel: string) => () => void,
) => (channel: string) => EnteringPlainPresence

export const createPlainPresence: CreatePlainPresence = (connection, hold) => {
  const presences = new Map<string, EnteringPlainPresence>()
  const link = () => connection.session$.get()

  const create = (channel: string): EnteringPlainPresence => {
    const members$ = createState<readonly PlainMember[] | undefined>(undefined)
    const changes$ = new Emitter<PlainPresenceChange>()
    let users = 0
    let stop = () => {}
    let exited: (() => void) | undefined

    const watch = () => {
      stop()
      members$.set(undefined)
      const end =
        users &&
        link()?.watch?.(channel, (members, change) => {
          members$.set(members)
          if (change) changes$.next(change)
        })
      stop = end || (() => {})
    }
    connection.session$.subscribe({
      next: watch,
      complete: () => {
        members$.complete()
        changes$.complete()
      },
    })
    const used = <T>(source$: Observable<T>) =>
      new Observable<T>((subscriber) => {
        const release = hold(channel)
        if (++users === 1) watch()
        const subscription = source$.subscribe(subscriber)
        connection.connect()
        return () => {
          subscription.unsubscribe()
          if (--users === 0) watch()
          release()
        }
      })
    const enter = async (way: 'enter' | 'update', data: unknown) => {
      connection.connect()
      const session = link()
      if (!session?.[way]) throw new SynclineError('not-connected', { channel })
      await session[way](channel, data)
    }

    return {
      members$: Object.assign(used(members$), { get: members$.get.bind(members$) }),
      changes$: used(changes$),
      enter: async (data) => {
        const release = exited ? undefined : hold(channel)
        exited ??= release
        try {
          await enter('enter', data)
        } catch (error) {
          if (release) {
            exited = undefined
            release()
          }
          throw error
        }
      },
      update: (data) => enter('update', data),
      exit: async () => {
        const release = exited
        exited = undefined
        try {
          await link()?.exit?.(channel)
        } finally {
          release?.()
        }
      },
    }
  }

  return (channel) => {
    const presence = presences.get(channel) ?? create(channel)
    presences.set(channel, presence)
    return presence
  }
}
