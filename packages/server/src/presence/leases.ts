import type { HubEnvironment } from '../environment/hub-environment.ts'
import type { Member } from './member.ts'

interface Lease {
  readonly due: number
  readonly generation: number
  readonly expired: () => void
}

/**
 * The leases of members whose connection is gone. All last as long, so the first that began is the first that
 * ends, and one timer serves them all.
 */
export class Leases {
  readonly #environment: HubEnvironment
  readonly #grace: number
  readonly #leases = new Map<Member, Lease>()
  #cancel: (() => void) | undefined
  #stopped = false

  /** @param grace milliseconds */
  constructor(environment: HubEnvironment, grace: number) {
    this.#environment = environment
    this.#grace = grace
  }

  start(member: Member, expired: () => void): void {
    if (this.#stopped) return
    this.#leases.delete(member)
    this.#leases.set(member, {
      due: this.#environment.now() + this.#grace,
      generation: member.generation,
      expired,
    })
    this.#arm()
  }

  end(member: Member): void {
    this.#leases.delete(member)
    if (this.#leases.size > 0) return
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** No lease ends any more. */
  stop(): void {
    this.#stopped = true
    this.#leases.clear()
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(): void {
    if (this.#cancel) return
    for (const { due } of this.#leases.values()) {
      const left = due - this.#environment.now()
      this.#cancel = this.#environment.setTimer(Math.max(0, Math.min(left, this.#grace)), () => this.#tick())
      return
    }
  }

  #tick(): void {
    this.#cancel = undefined
    const now = this.#environment.now()
    for (const [member, { due, generation, expired }] of this.#leases) {
      // One with more than the grace left began before the clock was set back.
      if (due > now && due - now <= this.#grace) break
      this.#leases.delete(member)
      if (member.generation === generation) expired()
    }
    this.#arm()
  }
}
