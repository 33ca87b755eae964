import { Slots } from '../environment/slots.ts'
import type { OutgoingFrame, Peer } from '../gateway/gateway.ts'
import type { SessionContext } from './session-context.ts'

/** So many times `cutBytes` are never queued, however fast the peer may be. */
const hardBound = 4
/** Snapshots of a session that are read or wait to be sent at a time. */
const snapshotsAtATime = 4

const none: (() => void)[] = []

/** The way to one peer: large frames wait for room, and one that does not take what it is sent is cut. */
export class PeerWriter {
  readonly #context: SessionContext
  readonly #peer: Peer
  readonly #owner: { cut(): void }
  #waiting = none
  #snapshots: Slots | undefined
  /** Bytes queued with the last large frame: it had room when it was sent, so it counts for nothing. */
  #excused = 0
  #busySince = 0
  #closed = false
  #cancelWatch: (() => void) | undefined

  constructor(context: SessionContext, peer: Peer, owner: { cut(): void }) {
    this.#context = context
    this.#peer = peer
    this.#owner = owner
  }

  /** What a snapshot of this peer takes while it is read and sent. */
  get snapshots(): Slots {
    this.#snapshots ??= new Slots(snapshotsAtATime)
    return this.#snapshots
  }

  send(frame: OutgoingFrame): void {
    this.#peer.send(frame)
    if (this.#peer.bufferedBytes > this.#context.limits.cutBytes) this.over()
  }

  /** Runs what sends a large frame, at once or when the peer has room: then one frame may be of any size. */
  async whenRoom(send: () => void): Promise<void> {
    if (this.#waiting.length > 0 || !this.#hasRoom)
      await new Promise<void>((resolve, reject) =>
        this.#wait(() => {
          try {
            this.#sendLarge(send)
            resolve()
          } catch (error) {
            reject(error)
          }
        }),
      )
    else this.#sendLarge(send)
  }

  /** True while what was sent is on its way. A peer that never takes it is cut. */
  isBusy(now: number): boolean {
    if (!this.#peer.busy) return false
    if (this.#busySince === 0) this.#busySince = now
    else if (now - this.#busySince >= this.#context.limits.stalledFor) this.#owner.cut()
    return true
  }

  /** More is queued than should be: the peer has some time to take it, unless it is far too much. */
  over(): void {
    const { cutBytes, slowFor } = this.#context.limits
    if (this.#excess <= cutBytes) return
    if (this.#excess > hardBound * cutBytes) this.#owner.cut()
    else
      this.#cancelWatch ??= this.#context.environment.setTimer(slowFor, () => {
        this.#cancelWatch = undefined
        if (this.#excess > cutBytes) this.#owner.cut()
      })
  }

  drained(): void {
    this.#busySince = 0
    this.#excused = 0
    this.#cancelWatch?.()
    this.#cancelWatch = undefined
    while (this.#waiting.length > 0 && this.#hasRoom) this.#waiting.shift()?.()
  }

  /** Nothing is sent any more: who waits for room, or would, is let go. */
  closed(): void {
    this.#cancelWatch?.()
    const waiting = this.#waiting
    this.#waiting = none
    this.#closed = true
    for (const go of waiting) go()
  }

  #wait(send: () => void): void {
    if (this.#waiting === none) this.#waiting = []
    this.#waiting.push(send)
  }

  get #hasRoom(): boolean {
    return this.#closed || this.#peer.bufferedBytes <= this.#context.limits.bufferedBytes
  }

  get #excess(): number {
    return this.#peer.bufferedBytes - this.#excused
  }

  #sendLarge(send: () => void): void {
    // What is sent in there is not over the bound for its own size.
    this.#excused = Number.POSITIVE_INFINITY
    try {
      send()
    } finally {
      const { bufferedBytes } = this.#peer
      this.#excused = bufferedBytes > this.#context.limits.bufferedBytes ? bufferedBytes : 0
    }
  }
}
