import { SynclineError } from '@syncline/core'
import { describe, expect, it } from 'vitest'
import type { Identity } from '../channel/identity.ts'
import type { Gateway, GatewayHub, GatewaySession } from '../gateway/gateway.ts'
import { board, type createTestHub, startTestHub, todos, writes } from '../testing/test-hub.ts'

const hello = { type: 'hello', version: 1, client: 'c' }

/** A hub with a gateway whose provider fans out, and one session of it as the gateway has it. */
const start = (
  options: Parameters<typeof createTestHub>[0] & { readonly provider?: Partial<Gateway> } = {},
) => {
  const { provider, ...rest } = options
  let hub: GatewayHub | undefined
  const gateway: Gateway = {
    name: 'provider',
    publish: async () => undefined,
    start: (given) => {
      hub = given
    },
    stop: async () => undefined,
    ...provider,
  }
  const made = startTestHub({ gateways: [gateway], ...rest })
  const connect = (token?: string): GatewaySession & { readonly said: string[] } => {
    const said: string[] = []
    const peer = {
      id: 'peer',
      busy: false,
      bufferedBytes: 0,
      send: ({ json }: { readonly json: string }) => void said.push(json),
      close: () => undefined,
    }
    const session = (hub as GatewayHub).connect(peer, { token, frames: [hello], bytes: 10 })
    return Object.assign(session, { said })
  }
  return { ...made, connect, gatewayHub: () => hub as GatewayHub }
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'granted',
    (error: SynclineError) => error.code,
  )

describe('a grant at the provider', () => {
  it('waits for the session to be open, and says whose it is and for how long', async () => {
    let authenticate: (user: Identity) => void = () => undefined
    const { connect, time } = start({
      authenticate: () =>
        new Promise((resolve) => {
          authenticate = resolve
        }),
    })
    const session = connect()
    let granted: unknown
    const granting = session.grant().then((grant) => {
      granted = grant
    })
    await time.settle()
    expect(granted).toBeUndefined()
    const expiresAt = time.environment.now() + 60_000
    authenticate({ id: 'ada', expiresAt })
    await granting
    expect(granted).toEqual({ subject: 'ada', expiresAt })
  })

  it('of a channel is what authorize says, asked each time', async () => {
    const asked: unknown[] = []
    const { hub, connect } = start({ authenticate: ({ token = '' }) => ({ id: token }) })
    let allowed = true
    hub.serve(board, {
      authorize: ({ user, params }) => {
        asked.push([user.id, params.id])
        return allowed
      },
    })
    const session = connect('ada')
    expect(await session.grant('board/1')).toEqual({ subject: 'ada', expiresAt: undefined })
    allowed = false
    expect(await codeOf(session.grant('board/1'))).toBe('forbidden')
    expect(await codeOf(session.grant('nonsense'))).toBe('unknown-channel')
    expect(asked).toEqual([
      ['ada', '1'],
      ['ada', '1'],
    ])
  })

  it('is refused with what ended the session', async () => {
    const { connect, hub } = start({
      authenticate: ({ token }) => {
        if (token === undefined) throw new SynclineError('unauthenticated')
        return { id: token }
      },
    })
    expect(await codeOf(connect().grant())).toBe('unauthenticated')
    const revoked = connect('ada')
    await revoked.grant()
    hub.revoke({ subject: 'ada' })
    expect(await codeOf(revoked.grant())).toBe('revoked')
    const gone = connect('ada')
    await gone.grant()
    gone.closed()
    expect(await codeOf(gone.grant())).toBe('transport-failed')
  })

  it('is not given on an answer from before a revocation', async () => {
    const answers: ((allowed: boolean) => void)[] = []
    const { hub, connect, time } = start({ authenticate: () => ({ id: 'ada' }) })
    hub.serve(board, { authorize: () => new Promise((resolve) => answers.push(resolve)) })
    const session = connect()
    const granting = codeOf(session.grant('board/1'))
    await time.settle()
    hub.revoke({ subject: 'ada', channel: 'board/1' })
    answers[0]?.(true)
    await time.settle()
    expect(answers).toHaveLength(2)
    answers[1]?.(false)
    expect(await granting).toBe('forbidden')
  })
})

describe('a session that is polled', () => {
  it('is working until its opening, requests and writes are answered', async () => {
    const done: (() => void)[] = []
    const { hub, connect, time } = start()
    hub.serve(todos, {
      authorize: () => true,
      snapshot: () => new Promise((resolve) => done.push(() => resolve([]))),
      mutations: {
        'todo:create': ({ input }) => new Promise((resolve) => done.push(() => resolve(input))),
      },
    })
    const session = connect()
    expect(session.working).toBe(true)
    await time.settle()
    expect(session.working).toBe(false)
    session.receive([{ type: 'ping' }], 10)
    expect(session.working).toBe(false)
    for (const frame of [{ type: 'join', channel: 'todos', snapshot: true }, writes(1, [{ id: 'a' }])]) {
      session.receive([frame], 10)
      await time.settle()
      expect(session.working).toBe(true)
      const before = session.said.length
      for (const finish of done.splice(0)) finish()
      for (let turn = 0; turn < 3; turn++) await time.settle()
      expect(session.said.length).toBeGreaterThan(before)
      expect(session.working).toBe(false)
    }
    session.receive([writes(2, [{ id: 'b' }])], 10)
    await time.settle()
    session.closed()
    expect(session.working).toBe(false)
  })
})

describe('revoking at providers', () => {
  const revocations = (fails: (attempt: number) => unknown) => {
    const asked: unknown[] = []
    const provider: Partial<Gateway> = {
      revoke: async (...revocation) => {
        const error = fails(asked.push(revocation))
        if (error) throw error
      },
    }
    return { asked, provider }
  }

  it('follows after the sessions were told, for one channel or all', async () => {
    const { asked, provider } = revocations(() => undefined)
    const { hub, connect, time } = start({ provider, authenticate: () => ({ id: 'ada' }) })
    const session = connect()
    await time.settle()
    hub.revoke({ subject: 'ada', channel: 'todos' })
    hub.revoke({ subject: 'ada' })
    expect(session.said.at(-1)).toContain('"revoked"')
    await time.settle()
    expect(asked).toEqual([
      ['ada', 'todos'],
      ['ada', undefined],
    ])
  })

  it('is tried again, and not before the provider wants to be asked', async () => {
    const { asked, provider } = revocations((attempt) =>
      attempt === 1 ? new SynclineError('rate-limited', { retryAfter: 5_000 }) : undefined,
    )
    const { hub, time } = start({ provider })
    hub.revoke({ subject: 'ada' })
    await time.advance(4_999)
    expect(asked).toHaveLength(1)
    await time.advance(60_000)
    expect(asked).toHaveLength(2)
  })

  it('that goes on failing is an error in the log', async () => {
    const { asked, provider } = revocations(() => new Error('down'))
    const { hub, time, log } = start({ provider })
    hub.revoke({ subject: 'ada' })
    await time.advance(120_000)
    expect(asked).toHaveLength(6)
    expect(log.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ gateway: 'provider', subject: 'ada' }),
    ])
  })
})

it('a closing hub gives gateways a moment for last words, then stops their timers', async () => {
  const within: unknown[] = []
  let fired = 0
  const { hub, gatewayHub, time } = start({
    provider: {
      stop: (given) => {
        within.push(given)
        return new Promise((resolve) => void gatewayHub().environment.setTimer(given ?? 0, resolve))
      },
    },
  })
  await time.settle()
  gatewayHub().environment.setTimer(5_000, () => void fired++)
  const closed = hub.close({ within: 400 })
  await time.advance(400)
  await closed
  await time.advance(10_000)
  expect([within, fired]).toEqual([[400], 0])
})
