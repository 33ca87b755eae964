import { createTabMemory } from '../machine.ts'
import { createWire } from '../wire.ts'
import { followChannel } from './follow-channel.ts'
import { openRun } from './open-run.ts'
import type { Run } from './run.ts'
import type { Tab, TabWorld } from './tab.ts'
import type { TabContext } from './tab-context.ts'
import { createTabPresence } from './tab-presence.ts'
import type { TabSettings } from './tab-settings.ts'
import { createTabWrites } from './tab-writes.ts'
import { contextOf, watchClient } from './watch-client.ts'

export const createTab = (index: number, settings: TabSettings, world: TabWorld): Tab => {
  const { book } = world
  const chance = world.chance.fork(`tab ${index}`)
  const wire = createWire(chance.fork('wire'), world.happened)
  /** What the app subscribes to when it starts. */
  const joined = new Set<string>()
  const contexts = new WeakMap<Run, TabContext>()
  let memory = createTabMemory()
  let runs = 0
  let run: Run | undefined
  const now = {
    index,
    settings,
    wire,
    get runs() {
      return runs
    },
    get run() {
      return run
    },
    contextOf: (of: Run) => contexts.get(of) as TabContext,
  }
  const presence = createTabPresence(now, world)
  const writes = createTabWrites(now, world)

  const end = (ended: Run): void => {
    if (run !== ended) return
    run = undefined
    presence.end()
  }
  const follow = (of: Run, channel: string): void =>
    followChannel(of, channel, now.contextOf(of), world, presence)
  const open = (): void => {
    if (run) return
    const name = `tab${index}.${++runs}`
    const opened = openRun({ name, settings, world, chance, wire, memory })
    const { device, person, provider, version } = settings
    run = opened
    opened.machine.onDeath(() => end(opened))
    world.log(`${name} opens as ${person} on device ${device} over ${provider}, version ${version}`)
    const context = contextOf(opened, device, world)
    contexts.set(opened, context)
    watchClient(opened, context, world)
    for (const channel of joined) follow(opened, channel)
  }

  /** What of the person's writes no other open tab has. */
  const giveUp = ({ storage }: Run): void => {
    const held = world.heldElsewhere(tab)
    for (const write of book.all.values())
      if (write.storage === storage && !held.has(write.id)) write.givenUp = true
  }
  const finish = (of: Run, close: () => Promise<unknown>): void => {
    of.closing = true
    void close()
      .catch((error) => world.log(`${of.name} closes with ${String(error).slice(0, 80)}`))
      .then(() => {
        if (!of.machine.alive) return
        // What it said last may still be on its way.
        of.machine.deliver(12_000, () => {
          if (of.machine.timers > 0)
            world.violated('bounded memory', `${of.name} left ${of.machine.timers} timers when it was closed`)
          of.machine.kill()
        })
        end(of)
      })
  }

  const tab: Tab = {
    ...writes,
    index,
    settings,
    wire,
    get run() {
      return run
    },
    get entered() {
      return presence.entered
    },
    present: presence.present,
    steadyMember: presence.steadyMember,
    watched: presence.watched,
    open,
    duplicate: (of) => {
      if (run) return
      memory = (of as Tab & { memory(): ReturnType<typeof createTabMemory> }).memory().copy() as typeof memory
      open()
    },
    close: () => {
      if (!run || run.closing) return
      world.log(`${run.name} closes`)
      const closing = run
      finish(closing, () => closing.client.close())
    },
    signOut: (discardWrites) => {
      if (!run || run.closing) return
      world.log(`${run.name} signs out${discardWrites ? ' and discards its writes' : ''}`)
      const leaving = run
      // A tab that goes meanwhile leaves its writes to this one.
      if (discardWrites) giveUp(leaving)
      finish(leaving, () =>
        leaving.client.signOut({ discardWrites }).finally(() => discardWrites && giveUp(leaving)),
      )
    },
    crash: (acts) => {
      if (!run) return
      const { machine } = run
      if (acts <= 0) machine.kill()
      else {
        machine.killAfter(acts)
        machine.deliver(2_000, () => machine.kill())
      }
    },
    join: (channel) => {
      joined.add(channel)
      if (run && !run.closing) follow(run, channel)
    },
    leave: (channel) => {
      joined.delete(channel)
      run?.followed.get(channel)?.stop()
      run?.followed.delete(channel)
    },
  }
  return Object.assign(tab, { memory: () => memory })
}
