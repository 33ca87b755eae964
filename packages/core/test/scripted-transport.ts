import { Observable, type Subscriber } from 'rxjs'
import { SynclineError } from '../src/errors/syncline-error.ts'
import type { ClientFrame, HubFrame, WelcomeFrame } from '../src/protocol/frames.ts'
import type {
  PlainEvent,
  PlainLink,
  PlainProvider,
  PlainTransportEvent,
} from '../src/transport/plain-provider.ts'
import type { Continuity, Opening, Transport, TransportEvent } from '../src/transport/transport.ts'

/** One attempt, played by the test. */
export interface ScriptedAttempt {
  readonly opening: Opening
  /** What was sent after the opening: one array for each send. */
  readonly sent: (readonly ClientFrame[])[]
  readonly hungUp: boolean
  open(continuity?: Continuity): void
  frames(...frames: readonly unknown[]): void
  /** Opens and welcomes in one go. */
  welcome(welcome?: Partial<WelcomeFrame>, ...more: readonly HubFrame[]): void
  fail(error?: SynclineError): void
  complete(): void
}

export const welcomeFrame = (welcome: Partial<WelcomeFrame> = {}): WelcomeFrame => ({
  type: 'welcome',
  version: 1,
  session: 's1',
  subject: 'ada',
  heartbeat: 25_000,
  limits: { frameBytes: 65_536, writesInFlight: 256, channels: 100 },
  ...welcome,
})

/** A transport whose other side is the test. */
export const createScriptedTransport = () => {
  const attempts: ScriptedAttempt[] = []
  const counts = { opened: 0, disposed: 0, live: 0 }

  const script = (subscriber: Subscriber<TransportEvent>, opening: Opening): ScriptedAttempt => {
    const sent: (readonly ClientFrame[])[] = []
    const open = (continuity: Continuity = 'unknown') =>
      subscriber.next({ type: 'open', continuity, send: (frames) => void sent.push(frames) })
    const frames = (...values: readonly unknown[]) => subscriber.next({ type: 'frames', frames: values })
    return {
      opening,
      sent,
      get hungUp() {
        return subscriber.closed
      },
      open,
      frames,
      welcome: (welcome, ...more) => {
        open()
        frames(welcomeFrame(welcome), ...more)
      },
      fail: (error = new SynclineError('transport-failed')) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }
  }
  const transport: Transport = {
    kind: 'hub',
    name: 'scripted',
    open: () => {
      counts.opened++
      return {
        attempt: (opening) =>
          new Observable((subscriber) => {
            counts.live++
            attempts.push(script(subscriber, opening))
            return () => void counts.live--
          }),
        dispose: () => void counts.disposed++,
      }
    },
  }
  return {
    transport,
    attempts,
    counts,
    get last(): ScriptedAttempt {
      return attempts.at(-1)!
    },
  }
}

/** A plain transport whose server is the test. */
export const createScriptedPlainTransport = (link: PlainLink = {}) => {
  const attempts: {
    readonly token: string | undefined
    readonly subscriber: Subscriber<PlainTransportEvent>
  }[] = []
  const counts = { opened: 0, disposed: 0, live: 0 }
  const transport: PlainProvider = {
    name: 'scripted',
    canSend: link.send !== undefined,
    open: () => {
      counts.opened++
      return {
        attempt: ({ token }) =>
          new Observable((subscriber) => {
            counts.live++
            attempts.push({ token, subscriber })
            return () => void counts.live--
          }),
        dispose: () => void counts.disposed++,
      }
    },
  }
  const subscriber = () => attempts.at(-1)!.subscriber
  return {
    transport,
    attempts,
    counts,
    open: () => subscriber().next({ type: 'open', continuity: 'unknown', link }),
    event: (event: PlainEvent) => subscriber().next({ type: 'event', event }),
    fail: (error = new SynclineError('transport-failed')) => subscriber().error(error),
  }
}
