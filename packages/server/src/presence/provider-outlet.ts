import { SynclineError } from '@syncline/core'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { withTimeout } from '../environment/timeout.ts'
import { outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { Pace } from '../fan-out/pace.ts'
import type { ProviderGateway } from '../fan-out/provider-fan-out.ts'
import type { Logger } from '../logger.ts'
import type { Member } from './member.ts'
import type { MemberList } from './member-list.ts'
import { presenceFrameJson } from './presence-json.ts'

/** Milliseconds between two frames to a provider at least: each is a message that is paid for. */
const slowest = 200
/** Milliseconds until the next attempt after a failure, doubled up to the longest. */
const firstDelay = 1_000
const longestDelay = 30_000
/** Milliseconds that a provider may take. Longer counts as a failure. */
const publishTimeout = 30_000

const late = (): SynclineError => new SynclineError('transport-failed', { detail: 'It took too long.' })

/**
 * Brings a channel's changes to one provider, one frame at a time. Best effort: what is lost on the way shows in
 * the revision of the heads, and the client watches anew.
 */
export class ProviderOutlet {
  readonly #gateway: ProviderGateway
  readonly #pace: Pace | undefined
  readonly #channel: string
  readonly #era: string
  readonly #members: MemberList
  readonly #environment: HubEnvironment
  readonly #logger: Logger
  readonly #interval: number
  readonly #idle: () => void
  /** Those of the provider's clients who watch. */
  #watchers = 0
  /** The count up to which the provider took everything. */
  #sent = 0
  #last = Number.NEGATIVE_INFINITY
  #failures = 0
  /** Milliseconds for which the provider asked with its last refusal. */
  #asked = 0
  #flying = false
  #cancel: (() => void) | undefined

  constructor(options: {
    readonly gateway: ProviderGateway
    readonly pace: Pace | undefined
    readonly channel: string
    readonly era: string
    readonly members: MemberList
    readonly environment: HubEnvironment
    readonly logger: Logger
    readonly interval: number
    /** A frame was taken, and nothing is left to send. */
    readonly idle: () => void
  }) {
    this.#gateway = options.gateway
    this.#pace = options.pace
    this.#channel = options.channel
    this.#era = options.era
    this.#members = options.members
    this.#environment = options.environment
    this.#logger = options.logger
    this.#interval = Math.max(slowest, options.interval)
    this.#idle = options.idle
  }

  /** What those who missed nothing know. After a failure all there is: who watches then asks anew. */
  get told(): number {
    return this.#failures > 0 ? this.#members.count : this.#sent
  }

  get allKnow(): boolean {
    return this.#watchers === 0 || this.#sent === this.#members.count
  }

  add(): void {
    if (this.#watchers++ === 0 && !this.#flying) this.#sent = this.#members.count
  }

  remove(): void {
    if (--this.#watchers > 0) return
    this.#cancel?.()
    this.#cancel = undefined
    this.#failures = 0
  }

  /** Something changed. */
  kick(): void {
    if (this.#flying || this.#cancel || this.allKnow) return
    const wait = this.#wait
    if (wait <= 0) void this.#publish()
    else
      this.#cancel = this.#environment.setTimer(wait, () => {
        this.#cancel = undefined
        this.kick()
      })
  }

  /** Milliseconds until the provider may be asked again. */
  get #wait(): number {
    const own = Math.min(this.#pause, this.#last + this.#pause - this.#environment.now())
    return Math.max(own, this.#pace?.left ?? 0)
  }

  get #pause(): number {
    if (this.#failures === 0) return this.#interval
    return Math.max(this.#asked, Math.min(longestDelay, firstDelay * 2 ** (this.#failures - 1)))
  }

  async #publish(): Promise<void> {
    this.#flying = true
    this.#last = this.#environment.now()
    try {
      await this.#sendAll()
      this.#failures = 0
    } catch (error) {
      this.#failures++
      this.#asked = this.#pace?.heed(error) ?? 0
      this.#last = this.#environment.now()
      const fields = { gateway: this.#gateway.name, channel: this.#channel, error }
      this.#logger.warn(fields, 'a provider did not take a change of presence')
    } finally {
      this.#flying = false
    }
    if (this.allKnow) this.#idle()
    else this.kick()
  }

  async #sendAll(): Promise<void> {
    const after = this.#sent
    const { count } = this.#members
    const changed = this.#members.changedAfter(after)
    if (changed) await this.#send(after, after, count, changed)
    // Nobody can stand that near: each one asks for the whole list.
    else await this.#frame(count, count, count, [])
    this.#sent = count
  }

  /** In halves where it is too large for the provider. */
  async #send(known: number, after: number, through: number, changed: readonly Member[]): Promise<void> {
    try {
      await this.#frame(known, after, through, changed)
    } catch (error) {
      if (!(error instanceof SynclineError && error.code === 'too-large')) throw error
      // One that is too large alone is left out: who watches misses it, and asks for the whole list.
      if (changed.length <= 1) return
      const half = changed.length >> 1
      const middle = changed[half - 1]?.changed ?? through
      await this.#send(known, after, middle, changed.slice(0, half))
      await this.#send(known, middle, through, changed.slice(half))
    }
  }

  #frame(known: number, after: number, through: number, changed: readonly Member[]): Promise<void> {
    const json = presenceFrameJson(this.#channel, after, [this.#era, through], changed, known)
    const published = this.#gateway.publish(this.#channel, outgoingJson(json))
    return withTimeout(this.#environment, published, publishTimeout, late)
  }
}
