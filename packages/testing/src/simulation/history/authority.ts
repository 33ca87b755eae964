import { SynclineError, type Token } from '@syncline/core'
import type { Machine } from '../machine.ts'
import type { Scheduler } from '../scheduler.ts'
import type { User } from './app.ts'

type SignInTrouble = 'down' | 'hangs' | 'stale' | 'other'

/** Whom people sign in with: gives tokens, and tells the hub whose they are. */
export interface Authority {
  /** Milliseconds that a token holds; undefined: for ever. */
  life: number | undefined
  /** `down`: asking fails; `hangs`: nothing is answered; `stale`: what it gives has expired already; `other`: it is another's. */
  trouble: SignInTrouble | undefined
  /** How often a token was asked for while another request of the same machine was under way. */
  readonly overlaps: number
  /** What was wrong with the last two tokens that a machine was given. */
  badTokens(machine: Machine): ReadonlySet<string>
  give(person: string, machine: Machine): Promise<Token>
  /** @throws SynclineError `token-expired`, `unauthenticated` */
  verify(token: string | undefined, machine: Machine): User
}

export const createAuthority = (
  scheduler: Scheduler,
  happened: (fault: `sign-in ${SignInTrouble}`) => void = () => {},
): Authority => {
  const asking = new Set<Machine>()
  const troubles = new WeakMap<Machine, readonly string[]>()
  let overlaps = 0
  const authority: Authority = {
    life: undefined,
    trouble: undefined,
    get overlaps() {
      return overlaps
    },
    badTokens: (machine) => new Set(troubles.get(machine)),
    give: (person, machine) =>
      new Promise((resolve, reject) => {
        if (authority.trouble === 'hangs') return happened('sign-in hangs')
        if (asking.has(machine)) overlaps++
        asking.add(machine)
        machine.deliver(30, () => {
          asking.delete(machine)
          if (authority.trouble) happened(`sign-in ${authority.trouble}`)
          if (authority.trouble === 'down') return reject(new Error('The sign-in is down.'))
          troubles.set(machine, [...(troubles.get(machine) ?? []).slice(-1), authority.trouble ?? ''])
          const whose = authority.trouble === 'other' ? `not-${person}` : person
          const life = authority.trouble === 'stale' ? -1_000 : authority.life
          if (life === undefined) return resolve({ token: `${whose}|` })
          // By the true time: the client's clock may say another.
          const expiresAt = scheduler.now + life
          return resolve({ token: `${whose}|${expiresAt}`, expiresAt })
        })
      }),
    verify: (token, { skew }) => {
      const [id, until] = token?.split('|') ?? []
      if (!id) throw new SynclineError('unauthenticated')
      if (!until) return { id }
      const expiresAt = Number(until)
      if (scheduler.now >= expiresAt) throw new SynclineError('token-expired')
      return { id, expiresAt: expiresAt + skew }
    },
  }
  return authority
}
