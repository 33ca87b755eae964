import type { Transport, TransportEvent } from '@syncline/core'
import type { ClientFrame, HubFrame } from '@syncline/core/protocol'
import { Observable } from 'rxjs'

/**
 * Sees one frame and decides what becomes of it: `pass` it on once, not at all, twice, another in its place, or
 * later (a `pass` kept for later still works as long as the link lives).
 */
export type Tap<Frame> = (frame: Frame, pass: (frame: Frame) => void) => void

export interface Taps {
  /** Frames from the hub. They are as they came: not yet validated. */
  readonly in?: Tap<HubFrame>
  /** Frames to the hub, those of the opening included. */
  readonly out?: Tap<ClientFrame>
}

/** Lets a tap see each frame, and gathers what it passes on at once. */
const gather = <Frame>(frames: readonly Frame[], tap: Tap<Frame>, later: (frame: Frame) => void): Frame[] => {
  const passed: Frame[] = []
  let now = true
  for (const frame of frames) tap(frame, (next) => (now ? void passed.push(next) : later(next)))
  now = false
  return passed
}

const passOn = <Frame>(frame: Frame, pass: (frame: Frame) => void): void => pass(frame)

/**
 * A transport whose frames can be dropped, doubled, changed and put out of order, in both directions.
 *
 * @example
 * // The hub's first answer gets lost.
 * let lost = false
 * const transport = tapTransport(socketIo(url), {
 *   in: (frame, pass) => {
 *     if (frame.type === 'answers' && !lost) lost = true
 *     else pass(frame)
 *   },
 * })
 */
export const tapTransport = (transport: Transport, taps: Taps): Transport => {
  const tapIn = taps.in ?? passOn
  const tapOut = taps.out ?? passOn
  return {
    ...transport,
    open: (environment) => {
      const session = transport.open(environment)
      return {
        dispose: () => session.dispose(),
        attempt: ({ token, frames }) =>
          new Observable<TransportEvent>((subscriber) => {
            let open: ((frames: readonly ClientFrame[]) => void) | undefined
            const sendLater = (frame: ClientFrame) => open?.([frame])
            const receive = (received: readonly unknown[]) => {
              if (received.length > 0) subscriber.next({ type: 'frames', frames: received })
            }
            return session.attempt({ token, frames: gather(frames, tapOut, sendLater) }).subscribe({
              next: (event) => {
                if (event.type === 'frames')
                  return receive(
                    gather(event.frames as readonly HubFrame[], tapIn, (frame) => receive([frame])),
                  )
                open = event.send
                const send = (outgoing: readonly ClientFrame[]) => {
                  const passed = gather(outgoing, tapOut, sendLater)
                  if (passed.length > 0) event.send(passed)
                }
                return subscriber.next({ ...event, send })
              },
              error: (error) => subscriber.error(error),
            })
          }),
      }
    },
  }
}
