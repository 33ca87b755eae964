import { createVirtualTime } from '@syncline/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type } from '../contract/schema.ts'
import type { PresenceChange, PresenceFrame, WireMember } from '../protocol/frames.ts'
import { createState } from '../state/state.ts'
import { createMemberList } from './member-list.ts'
import type { PresenceListStatus } from './presence.ts'
import { member } from './testing/scripted-presence.ts'
import { createWatcher } from './watcher.ts'

/** What befalls a hub, and the frames that it sends by a provider that may lose, repeat and delay them. */
type Event =
  | {
      readonly op: 'enter' | 'leave' | 'update'
      readonly who: number
      readonly fate: 'arrives' | 'lost' | 'twice' | 'late'
    }
  | { readonly op: 'heads' | 'restart' | 'cut' | 'late' }
  | { readonly op: 'wait'; readonly ms: number }

const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constantFrom('enter' as const, 'leave' as const, 'update' as const),
      who: fc.integer({ min: 0, max: 4 }),
      fate: fc.constantFrom(
        'arrives' as const,
        'arrives' as const,
        'lost' as const,
        'twice' as const,
        'late' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constantFrom('heads' as const, 'restart' as const, 'cut' as const, 'late' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  },
)

class Hub {
  era = 0
  count = 0
  readonly members = new Map<string, WireMember>()
  readonly time = createVirtualTime()
  readonly status$ = createState<PresenceListStatus>('idle')
  readonly list = createMemberList({
    state: type<unknown>(),
    cursor: undefined,
    environment: this.time.environment,
    report: (error) => {
      throw error
    },
  })
  watches = 0
  readonly late: PresenceFrame[] = []
  readonly watcher = createWatcher({
    environment: this.time.environment,
    list: this.list,
    status$: this.status$,
    send: (kind) => {
      if (kind === 'unwatch') return
      this.watches++
      // The answer takes a moment, as changes overtake it.
      this.time.environment.setTimer(20, () =>
        this.watcher.members({
          type: 'members',
          channel: 'room',
          revision: this.revision,
          grace: 5_000,
          members: [...this.members.values()],
        }),
      )
    },
  })

  get revision(): readonly [string, number] {
    return [`era ${this.era}`, this.count]
  }
  /** Changes a member; nothing where there is nothing to change. */
  change(op: 'enter' | 'leave' | 'update', id: string): PresenceChange | undefined {
    const known = this.members.get(id)
    if (op === 'leave') return this.members.delete(id) ? ['leave', id] : undefined
    if (op === 'update' && !known) return undefined
    const state = { name: `${id} ${this.count}` }
    const next = member(id, { since: known?.since ?? this.count, state })
    this.members.set(id, next)
    return op === 'enter' ? ['enter', next] : ['update', id, { state }]
  }
  async step(event: Event): Promise<void> {
    if (event.op === 'wait') await this.time.advance(event.ms)
    else if (event.op === 'heads') this.watcher.head(this.revision)
    else if (event.op === 'late') for (const frame of this.late.splice(0)) this.watcher.presence(frame)
    else if (event.op === 'cut') this.reconnect()
    else if ('who' in event) this.tell(event)
    else {
      this.era++
      this.count = 0
      this.members.clear()
      this.reconnect()
    }
  }
  reconnect(): void {
    this.watcher.left(false)
    this.watcher.joined()
  }
  tell({ op, who, fate }: Extract<Event, { who: number }>): void {
    const after = this.count++
    const change = this.change(op, `m${who}`)
    if (!change) {
      this.count--
      return
    }
    const frame: PresenceFrame = {
      type: 'presence',
      channel: 'room',
      after,
      revision: this.revision,
      changes: [change],
    }
    if (fate === 'late') this.late.push(frame)
    else if (fate !== 'lost') this.watcher.presence(frame)
    if (fate === 'twice') this.watcher.presence(frame)
  }
  shown() {
    return this.list.members$.get().map(({ id, state }) => [id, state])
  }
  actual() {
    return [...this.members.values()]
      .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))
      .map(({ id, state }) => [id, state])
  }
}

it('the list is the hub’s again soon after whatever was lost, doubled, late or begun anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(events, { maxLength: 40 }), async (history) => {
      const hub = new Hub()
      hub.watcher.joined()
      hub.watcher.want(true)
      for (const event of history) await hub.step(event)
      // A heartbeat, and the grace of a hub that began anew.
      for (let beats = 0; beats < 4; beats++) {
        hub.watcher.head(hub.revision)
        await hub.time.advance(10_000)
      }
      expect(hub.shown()).toEqual(hub.actual())
      expect(hub.status$.get()).toBe('live')
      const { watches } = hub
      hub.watcher.head(hub.revision)
      await hub.time.advance(60_000)
      expect(hub.watches).toBe(watches)
      hub.watcher.want(false)
      expect(hub.time.timers).toBeLessThanOrEqual(1)
    }),
    { numRuns: 60 },
  )
}, 60_000)
