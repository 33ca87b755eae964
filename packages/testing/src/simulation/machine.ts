import { type Environment, type LifecycleSignal, SynclineError, type TabMemory } from '@syncline/core'
import type { HubEnvironment } from '@syncline/server'
import { Subject } from 'rxjs'
import type { Chance } from './chance.ts'
import type { Scheduler } from './scheduler.ts'

/**
 * One run of a program: a page, or a hub's process. It can die at any step, sleep and have a wrong clock. What it does
 * to the world goes through `act`, so that nothing comes of it any more once it is dead.
 */
export interface Machine {
  readonly name: string
  readonly environment: Environment & HubEnvironment
  readonly alive: boolean
  readonly asleep: boolean
  /** Since when it sleeps or is dead; undefined: it is well. */
  readonly goneSince: number | undefined
  /** Since when it is awake: what reached it before, while it slept, it hears only now. */
  readonly awakeSince: number
  /** Timers that are set and not yet run. */
  readonly timers: number
  /** Milliseconds by which its clock is ahead. */
  skew: number
  /** About to touch the world: false when it is dead, as it may become just now. */
  act(): boolean
  /** Runs `callback` on it after `delay`; never once it is dead, and not while it sleeps. */
  deliver(delay: number, callback: () => void): () => void
  /** Dies at once: nothing of it runs any more, and what was not durable is gone. */
  kill(): void
  /** Dies just before it touches the world for the `acts`-th time from now on. */
  killAfter(acts: number): void
  /** Its timers stop and it hears nothing. */
  sleep(): void
  wake(): void
  signal(signal: LifecycleSignal): void
  /** Runs once when it dies. Returns the withdrawal. */
  onDeath(listener: () => void): () => void
}

export interface MachineOptions {
  readonly name: string
  readonly scheduler: Scheduler
  readonly chance: Chance
  /** What outlives its reload. Default: its own. */
  readonly tab?: TabMemory
  readonly skew?: number
  readonly fetch?: (machine: Machine) => typeof fetch
  /** A callback of its own threw: in a real program an uncaught exception. */
  readonly threw: (error: unknown) => void
}

/** The memory of a tab: `from` is copied, as a browser does when a tab is duplicated. */
export const createTabMemory = (from?: ReadonlyMap<string, string>): TabMemory & { copy(): TabMemory } => {
  const memory = new Map(from)
  return {
    get: (key) => memory.get(key),
    set: (key, value) => void memory.set(key, value),
    copy: () => createTabMemory(memory),
  }
}

const noNetwork: typeof fetch = () =>
  Promise.reject(new SynclineError('transport-failed', { detail: 'This machine has no fetch.' }))

export const createMachine = (options: MachineOptions): Machine => {
  const { name, scheduler, chance, threw } = options
  const signals$ = new Subject<LifecycleSignal>()
  const deaths = new Set<() => void>()
  const set = new Set<object>()
  let held: (() => void)[] = []
  let alive = true
  let asleep = false
  let goneSince: number | undefined
  let awakeSince = scheduler.now
  let online = true
  let ids = 0
  let actsLeft: number | undefined

  const run = (callback: () => void): void => {
    if (!alive) return
    try {
      callback()
    } catch (error) {
      threw(error)
    }
  }
  const deliver = (delay: number, callback: () => void): (() => void) => {
    let over = false
    const arrive = (): void => {
      if (over || !alive) return
      if (asleep) held.push(arrive)
      else {
        over = true
        run(callback)
      }
    }
    const cancel = scheduler.after(delay, arrive)
    return () => {
      over = true
      cancel()
    }
  }
  const setTimer = (delay: number, callback: () => void): (() => void) => {
    const timer = {}
    set.add(timer)
    const cancel = deliver(delay, () => {
      set.delete(timer)
      callback()
    })
    return () => {
      set.delete(timer)
      cancel()
    }
  }

  const machine: Machine = {
    name,
    skew: options.skew ?? 0,
    environment: {
      now: () => Math.floor(scheduler.now + machine.skew),
      setTimer,
      random: () => chance.next(),
      id: () => `${name}-${(++ids).toString(36)}`,
      endOfTurn: (callback) => void deliver(0, callback),
      fetch: noNetwork,
      isOnline: () => online,
      signals$,
      tab: options.tab ?? createTabMemory(),
    },
    get alive() {
      return alive
    },
    get asleep() {
      return asleep
    },
    get goneSince() {
      return goneSince
    },
    get awakeSince() {
      return awakeSince
    },
    get timers() {
      return set.size
    },
    act: () => {
      if (alive && actsLeft !== undefined && actsLeft-- <= 0) machine.kill()
      return alive
    },
    deliver,
    kill: () => {
      if (!alive) return
      alive = false
      goneSince ??= scheduler.now
      held = []
      set.clear()
      for (const listener of [...deaths]) listener()
      deaths.clear()
    },
    killAfter: (acts) => {
      actsLeft = acts
    },
    sleep: () => {
      asleep = true
      goneSince ??= scheduler.now
    },
    wake: () => {
      if (!asleep) return
      asleep = false
      awakeSince = scheduler.now
      if (alive) goneSince = undefined
      const waiting = held
      held = []
      for (const callback of waiting) scheduler.after(0, callback)
    },
    signal: (signal) => {
      if (signal === 'online' || signal === 'offline') online = signal === 'online'
      run(() => signals$.next(signal))
    },
    onDeath: (listener) => {
      deaths.add(listener)
      return () => void deaths.delete(listener)
    },
  }
  if (options.fetch) Object.assign(machine.environment, { fetch: options.fetch(machine) })
  return machine
}
