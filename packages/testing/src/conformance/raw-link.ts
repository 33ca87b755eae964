import type { Environment } from '@syncline/core'
import { createState, type SynclineError, type Transport, toSynclineError } from '@syncline/core'
import { type ClientFrame, type HubFrame, PROTOCOL_VERSION } from '@syncline/core/protocol'
import { until } from '../until.ts'

type FrameOf<T extends HubFrame['type']> = Extract<HubFrame, { readonly type: T }>

/** A link without a client: sends whatever it is told, well-formed or not. */
export interface RawLink {
  readonly frames: readonly HubFrame[]
  send(...frames: readonly unknown[]): void
  /** Resolves with the first frame of the type (past ones included) that is wanted. */
  frame<T extends HubFrame['type']>(type: T, wanted?: (frame: FrameOf<T>) => boolean): Promise<FrameOf<T>>
  /** Resolves once the link is over, with the reason. */
  readonly over: Promise<SynclineError>
  close(): void
}

export const helloFrame = (client: string, more: object = {}) => ({
  type: 'hello',
  version: PROTOCOL_VERSION,
  client,
  ...more,
})

export const openRawLink = (
  transport: Transport,
  environment: Environment,
  opening: { readonly token?: string | undefined; readonly frames: readonly unknown[] },
): RawLink => {
  const session = transport.open(environment)
  const frames$ = createState<readonly HubFrame[]>([])
  const waiting: (readonly unknown[])[] = []
  let send: ((frames: readonly ClientFrame[]) => void) | undefined
  let end: (error: SynclineError) => void = () => {}
  const over = new Promise<SynclineError>((resolve) => {
    end = resolve
  })
  const subscription = session
    .attempt({ token: opening.token, frames: opening.frames as readonly ClientFrame[] })
    .subscribe({
      next: (event) => {
        if (event.type === 'frames') frames$.set([...frames$.get(), ...(event.frames as readonly HubFrame[])])
        else {
          send = event.send
          for (const frames of waiting.splice(0)) send(frames as readonly ClientFrame[])
        }
      },
      error: (error) => end(toSynclineError(error)),
    })

  return {
    get frames() {
      return frames$.get()
    },
    send: (...frames) => {
      if (send) send(frames as readonly ClientFrame[])
      else waiting.push(frames)
    },
    frame: async <T extends HubFrame['type']>(
      type: T,
      wanted: (frame: FrameOf<T>) => boolean = () => true,
    ) => {
      const find = (frames: readonly HubFrame[]) =>
        frames.find((frame): frame is FrameOf<T> => frame.type === type && wanted(frame as FrameOf<T>))
      const frames = await until(frames$, (list) => find(list) !== undefined, { what: `A frame "${type}"` })
      return find(frames) as FrameOf<T>
    },
    over,
    close: () => {
      subscription.unsubscribe()
      session.dispose()
    },
  }
}
