import { describe, expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import type { ConnectionStatus } from './connection.ts'
import { type ConnectionEvent, type ConnectionPhase, phaseOf, transition } from './connection-state.ts'

const error = new SynclineError('transport-failed')
const later = new SynclineError('hub-closing')

const statuses: Record<ConnectionPhase, ConnectionStatus> = {
  idle: { at: 'idle' },
  connecting: { at: 'connecting' },
  connected: { at: 'connected' },
  waiting: { at: 'reconnecting', attempt: 3, retryAt: 500, error },
  reconnecting: { at: 'reconnecting', attempt: 3, retryAt: undefined, error },
  offline: { at: 'offline' },
  'needs-auth': { at: 'needs-auth', error },
  failed: { at: 'failed', error },
  closed: { at: 'closed' },
}

const events: { readonly [E in ConnectionEvent['type']]: ConnectionEvent } = {
  connect: { type: 'connect' },
  'await-network': { type: 'await-network' },
  retry: { type: 'retry' },
  due: { type: 'due' },
  opened: { type: 'opened' },
  lost: { type: 'lost', attempt: 4, retryAt: 900, error: later },
  refused: { type: 'refused', error: later },
  failed: { type: 'failed', error: later },
  online: { type: 'online' },
  offline: { type: 'offline' },
  disconnect: { type: 'disconnect' },
  close: { type: 'close' },
}

/** Every phase and every event; `·` says that nothing changes. The compiler asks for each phase. */
const expected: Record<ConnectionPhase, string> = {
  //              connect    await-network retry        due          opened    lost    refused    failed online       offline disconnect close
  idle: '         connecting offline       ·            ·            ·         ·       ·          ·      ·            ·       ·          closed',
  connecting:
    '   ·          ·             ·            ·            connected waiting needs-auth failed ·            offline idle       closed',
  connected:
    '    ·          ·             ·            ·            ·         waiting needs-auth failed ·            offline idle       closed',
  waiting:
    '      ·          ·             reconnecting reconnecting ·         ·       ·          ·      reconnecting offline idle       closed',
  reconnecting:
    ' ·          ·             ·            ·            connected waiting needs-auth failed ·            offline idle       closed',
  offline:
    '      ·          ·             connecting   ·            ·         ·       ·          ·      connecting   ·       idle       closed',
  'needs-auth':
    ' ·          ·             connecting   ·            ·         ·       ·          ·      ·            ·       idle       closed',
  failed:
    '       ·          ·             connecting   ·            ·         ·       ·          ·      ·            ·       idle       closed',
  closed:
    '       ·          ·             ·            ·            ·         ·       ·          ·      ·            ·       ·          ·',
}

describe('transition', () => {
  const phases = Object.keys(expected) as ConnectionPhase[]
  const types = Object.keys(events) as ConnectionEvent['type'][]

  it.each(phases)('goes from %s as the table says, for every event', (phase) => {
    const outcome = types.map((type) => {
      const next = transition(statuses[phase], events[type])
      return next === statuses[phase] ? '·' : phaseOf(next)
    })
    expect(outcome).toEqual(expected[phase].trim().split(/\s+/))
  })

  it('carries what the status tells', () => {
    expect(transition(statuses.connected, events.lost)).toEqual({
      at: 'reconnecting',
      attempt: 4,
      retryAt: 900,
      error: later,
    })
    expect(transition(statuses.waiting, events.due)).toEqual({ ...statuses.waiting, retryAt: undefined })
    expect(transition(statuses.connecting, events.refused)).toEqual({ at: 'needs-auth', error: later })
    expect(transition(statuses.connecting, events.failed)).toEqual({ at: 'failed', error: later })
  })

  it('dials again at once when the next try has no time', () => {
    const next = transition(statuses.connecting, { type: 'lost', attempt: 1, retryAt: undefined, error })
    expect(phaseOf(next)).toBe('reconnecting')
  })
})
