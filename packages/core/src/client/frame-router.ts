import { Observable } from 'rxjs'
import type { HubFrame, StreamFrame } from '../protocol/frames.ts'
import { Emitter } from '../state/emitter.ts'

/** Hands each frame to whom it is for, by a look-up and not by a filter for each channel. */
export interface FrameRouter {
  route(frames: readonly HubFrame[]): void
  /** The frames of one channel: joined, refused, messages, page, snapshot, heads (its own only), presence. */
  channel(name: string): Observable<HubFrame>
  /** How many channels are listened to. */
  readonly size: number
  /** Answers, back and unknown-stream. */
  readonly writes$: Emitter<StreamFrame>
}

export const createFrameRouter = (): FrameRouter => {
  const channels = new Map<string, Emitter<HubFrame>>()
  const writes$ = new Emitter<StreamFrame>()

  const routeOne = (frame: HubFrame): void => {
    switch (frame.type) {
      case 'answers':
      case 'back':
      case 'unknown-stream':
        writes$.next(frame)
        break
      case 'heads':
        for (const head of frame.heads) channels.get(head[0])?.next({ type: 'heads', heads: [head] })
        break
      default:
        if ('channel' in frame && frame.channel !== undefined) channels.get(frame.channel)?.next(frame)
    }
  }

  return {
    writes$,
    route: (frames) => {
      for (const frame of frames) routeOne(frame)
    },
    channel: (name) =>
      new Observable((subscriber) => {
        const frames$ = channels.get(name) ?? new Emitter<HubFrame>()
        channels.set(name, frames$)
        // It unsubscribes with its subscriber, before what follows.
        frames$.subscribe(subscriber)
        return () => {
          if (!frames$.observed) channels.delete(name)
        }
      }),
    get size() {
      return channels.size
    },
  }
}
