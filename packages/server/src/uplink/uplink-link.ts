import { SynclineError } from '@syncline/core'
import type { GatewayHub, GatewayOpening, GatewaySession, Grant } from '../gateway/gateway.ts'
import { PolledPeer } from './polled-peer.ts'
import { createTokenGuard, type TokenGuard } from './token-guard.ts'
import type { UplinkSession } from './uplink-session.ts'
import { Waking } from './waking.ts'

/** How long a request waits for what it caused, in milliseconds. */
const heldFor = 250
/** Characters of an answer up to which it is kept; who lost a longer one begins a new session. */
const keptSize = 16_384

/** What one link asks of those that keep it. */
export interface LinkKeeper {
  wake(link: UplinkLink): void
  /** The session is over; its last words may still wait to be fetched. */
  over(link: UplinkLink): void
  /** Nothing of it is left. */
  gone(link: UplinkLink): void
}

/** One answer: frames as a JSON array; `more`: the client asks again at once. */
export interface Answer {
  readonly frames: string
  readonly more: boolean
}

const nothing: Answer = { frames: '[]', more: false }

/** One client of a provider: what it sends and fetches over HTTP, and the hub's session behind. */
export class UplinkLink implements UplinkSession {
  /** Secret: who knows it and has the token is the client. */
  readonly id: string
  readonly wakeId: string
  readonly address: string | undefined
  readonly guard: TokenGuard
  /** When the client asked last, on the hub's clock. */
  askedAt: number
  readonly #hub: GatewayHub
  readonly #keeper: LinkKeeper
  readonly #peer: PolledPeer
  readonly #session: GatewaySession
  readonly #waking: Waking
  /** Ends the wait of the request that is held. */
  #release: (() => void) | undefined
  /** Requests so far; the newest one takes what waits. */
  #asks = 0
  #asking = false
  /** The client's number of its last request, and what it was answered. */
  #number = 0
  #answered: Answer | 'not kept' | undefined

  constructor(hub: GatewayHub, keeper: LinkKeeper, opening: GatewayOpening, address: string | undefined) {
    this.#hub = hub
    this.#keeper = keeper
    this.id = hub.environment.id()
    this.wakeId = hub.environment.id()
    this.address = address
    this.guard = createTokenGuard({ token: opening.token, taken: 2 })
    this.askedAt = hub.environment.now()
    this.#waking = new Waking(hub.environment, () => keeper.wake(this))
    this.#peer = new PolledPeer(this.wakeId, hub.limits.bufferedBytes, address, {
      queued: (wakes) => this.#queued(wakes),
      closed: () => keeper.over(this),
    })
    this.#asking = true
    this.#session = hub.connect(this.#peer, opening)
  }

  /** False once the hub has said its last word. */
  get open(): boolean {
    return this.#peer.open
  }

  /** Its last words still wait to be fetched. */
  get hasLastWords(): boolean {
    return !this.#peer.open && this.#peer.waiting
  }

  grant(channel?: string): Promise<Grant> {
    return this.#session.grant(channel)
  }

  /** What the hub says first: welcome or bye. */
  async opened(signal: AbortSignal): Promise<Answer> {
    const mine = ++this.#asks
    if (!this.#peer.waiting) await this.#hold(undefined, signal)
    return this.#answer(mine, signal)
  }

  /**
   * Takes frames of the client and answers with what waits, or with what comes of them in a short while. `number` is
   * the client's own: a browser may send a request again whose connection broke, and nobody ever sees the first
   * answer. So the last one is kept, and its frames are taken once.
   */
  async ask(number: unknown, frames: unknown, bytes: number, signal: AbortSignal): Promise<Answer> {
    this.heard()
    const known = typeof number === 'number' ? number : this.#number + 1
    if (known < this.#number) return nothing
    const repeated = known === this.#number
    const answered = repeated ? this.#answered : undefined
    if (answered === 'not kept') {
      this.end()
      throw new SynclineError('transport-failed', { detail: 'The answer is not kept.' })
    }
    if (answered) return answered
    this.#waking.stop()
    this.#number = known
    this.#answered = undefined
    this.#release?.()
    this.#asking = true
    const mine = ++this.#asks
    if (!repeated) {
      this.guard.see(frames)
      this.#session.receive(frames, bytes)
    }
    if (!this.#peer.waiting && this.#session.working) await this.#hold(heldFor, signal)
    return this.#answer(mine, signal)
  }

  /** The client is there; what waits for it goes only with the answer to `ask`. */
  heard(): void {
    this.askedAt = this.#hub.environment.now()
  }

  /** Nothing was heard for long: the client may not have been able to ask. */
  wake(): void {
    if (this.#peer.open && !this.#asking) this.#keeper.wake(this)
  }

  /** The client has gone, or is given up. */
  end(): void {
    this.#waking.stop()
    this.#release?.()
    if (this.#peer.open) {
      this.#session.closed()
      this.#peer.close()
    }
    this.#keeper.gone(this)
  }

  #queued(wakes: boolean): void {
    if (this.#release) this.#release()
    else if (wakes && !this.#asking) this.#waking.now()
  }

  #hold(longest: number | undefined, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        cancel?.()
        signal.removeEventListener('abort', release)
        if (this.#release === release) this.#release = undefined
        resolve()
      }
      const cancel = longest === undefined ? undefined : this.#hub.environment.setTimer(longest, release)
      this.#release = release
      signal.addEventListener('abort', release)
      if (signal.aborted) release()
    })
  }

  #answer(ask: number, signal: AbortSignal): Answer {
    // A later request takes what waits; and nobody reads what a client is told that has hung up.
    if (ask !== this.#asks) return nothing
    const some = this.#peer.waiting && !signal.aborted
    const frames = some ? this.#peer.take() : nothing.frames
    if (some) this.#session.drained()
    this.#asking = false
    if (!this.#peer.open && !this.#peer.waiting) {
      this.#keeper.gone(this)
      return { frames, more: false }
    }
    const more = some && (this.#peer.waiting || this.#session.working)
    if (this.#peer.waiting && !more) this.#waking.now()
    else if (more) this.#waking.later()
    const answer = { frames, more }
    if (!signal.aborted) this.#answered = frames.length > keptSize ? 'not kept' : answer
    return answer
  }
}
