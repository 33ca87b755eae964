import { createClient, createView, defineChannel, type } from '@syncline/core'
import { createHub } from '@syncline/server'
import { expect, test } from 'vitest'
import type { HubTables } from '../hub-disk.ts'
import { type SimulatedFault, setbacks, usualFaults } from './faults.ts'
import { type SimulateOptions, simulate } from './simulate.ts'
import type { ClientParts } from './simulated-client.ts'
import type { HubParts } from './simulated-hub.ts'

interface Todo {
  readonly id: string
  readonly text: string
  readonly by?: string
}

const todos = defineChannel('todos', {
  snapshot: type<readonly Todo[]>(),
  events: { 'todo:created': type<Todo>(), 'todo:renamed': type<Todo>() },
  mutations: { 'todo:create': { input: type<Todo>() }, 'todo:rename': { input: type<Todo>() } },
})

/** Bugs that an app could have. */
type Bug =
  | 'hub: publishes what it does not store'
  | 'hub: keeps the list in its memory'
  | 'client: folds a rename as a new todo'
  | 'client: shows a todo that it renames twice'

const all = (db: { get(key: string): unknown }): readonly Todo[] => (db.get('todos') ?? []) as Todo[]
const renamed = (list: readonly Todo[], todo: Todo): readonly Todo[] =>
  list.map((other) => (other.id === todo.id ? { ...other, text: todo.text } : other))

const serve = (parts: HubParts, bug: Bug | undefined) => {
  const hub = createHub(parts)
  let memory: readonly Todo[] = []
  const keep = (db: HubTables, list: readonly Todo[]): void => {
    memory = list
    db.set('todos', list)
  }
  const read = (db: HubTables): readonly Todo[] =>
    bug === 'hub: keeps the list in its memory' ? memory : all(db)
  hub.serve(todos, {
    snapshot: ({ db }) => all(db),
    mutations: {
      'todo:create': {
        transaction: ({ input, user, db, publish }) => {
          const todo = { ...input, by: user.id }
          keep(db, [...read(db), todo])
          publish('todo:created', todo)
        },
      },
      'todo:rename': {
        transaction: ({ input, db, publish }) => {
          if (bug !== 'hub: publishes what it does not store') keep(db, renamed(read(db), input))
          publish('todo:renamed', input)
        },
      },
    },
  })
  return hub
}

const added = (list: readonly Todo[], todo: Todo): readonly Todo[] => [...list, todo]
const doubled = (list: readonly Todo[], todo: Todo): readonly Todo[] =>
  list.some(({ text }) => text === todo.text) ? list : [...renamed(list, todo), todo]

const open = (parts: ClientParts, bug: Bug | undefined) => {
  const client = createClient(parts)
  const channel = client.channel(todos)
  const list = createView(channel, {
    initial: (snapshot: readonly Todo[]) => snapshot,
    on: {
      'todo:created': added,
      'todo:renamed': bug === 'client: folds a rename as a new todo' ? added : renamed,
    },
    optimistic: {
      'todo:create': added,
      'todo:rename': bug === 'client: shows a todo that it renames twice' ? doubled : renamed,
    },
    persist: true,
  })
  list.subscribe(() => {})
  return { client, channel, list }
}

interface Setting extends SimulateOptions {
  readonly bug?: Bug
  readonly faults?: readonly SimulatedFault[]
}

const history = (seed: number, { bug, faults = usualFaults, ...options }: Setting = {}) =>
  simulate(
    seed,
    async (sim) => {
      const hub = sim.hub((parts) => serve(parts, bug))
      const ada = sim.client('ada', (parts) => open(parts, bug), {
        locks: sim.chance.pick(['queue', 'lease']),
      })
      const clients = [
        ada,
        sim.client('ada again', (parts) => open(parts, bug), { identity: 'ada', disk: ada.disk }),
        sim.client('bob', (parts) => open(parts, bug), { over: 'lossy' }),
        sim.client('eve', (parts) => open(parts, bug), { over: 'direct' }),
      ]
      sim.always(() => {
        for (const { name, app } of clients) {
          const ids = app?.list.get()?.map(({ id }) => id) ?? []
          expect(new Set(ids).size, `todos that ${name} shows twice`).toBe(ids.length)
        }
      })
      let made = 0
      await sim.chaos({
        steps: 30,
        faults,
        act: (chance, step) => {
          const channel = chance.pick(clients).app?.channel
          if (!channel) return
          const id = `todo-${step}`
          if (made === 0 || chance.happens(0.5)) {
            channel.mutate('todo:create', { id, text: `made at ${step}` })
            made = step
          } else channel.mutate('todo:rename', { id: `todo-${made}`, text: `renamed at ${step}` })
        },
      })
      await sim.settle(() => {
        for (const { app } of clients) expect(app?.list.get() ?? []).toEqual(all(hub.db))
      })
    },
    options,
  )

const failureOf = async (seeds: number, setting: Setting): Promise<{ seed: number; error: Error }> => {
  for (let seed = 1; seed <= seeds; seed++)
    try {
      await history(seed, setting)
    } catch (error) {
      return { seed, error: error as Error }
    }
  throw new Error(`${setting.bug} was not found within ${seeds} seeds.`)
}

test('an app without a bug passes a hundred seeds, in which every fault happens, over both kinds of links', async () => {
  let text = ''
  for (let seed = 1; seed <= 100; seed++) text += (await history(seed)).trace.join('\n')
  for (const fault of usualFaults) expect(text).toContain(`: ${fault}`)
  expect(text).toMatch(/ada\.\d+ opens as ada, over direct/)
  expect(text).toMatch(/ada\.\d+ opens as ada, over lossy/)
}, 60_000)

test('an app without a bug passes though its hub goes back to a backup, or loses its disk', async () => {
  for (let seed = 1; seed <= 30; seed++) await history(seed, { faults: [...usualFaults, ...setbacks] })
}, 60_000)

test.each<Bug>([
  'hub: publishes what it does not store',
  'hub: keeps the list in its memory',
  'client: folds a rename as a new todo',
  'client: shows a todo that it renames twice',
])(
  'finds a seed that shows the bug (%s)',
  async (bug) => {
    const { seed, error } = await failureOf(20, { bug })
    expect(error.message).toContain(`Seed ${seed}: `)
    expect(error.message).toContain(`simulate(${seed}, …`)
    expect(error.cause).toBeInstanceOf(Error)
  },
  60_000,
)

test('one seed gives one history, byte for byte, and another gives another', async () => {
  for (const seed of [3, 4, 5]) {
    const { trace } = await history(seed)
    expect((await history(seed)).trace).toEqual(trace)
    expect((await history(seed + 1)).trace).not.toEqual(trace)
  }
}, 60_000)

test('a failing history is made short, and says which steps it needs', async () => {
  const bug = 'client: folds a rename as a new todo'
  const { seed } = await failureOf(20, { bug })
  const stepsOf = ({ message }: Error): number =>
    message.split('\n').filter((line) => / {2}— step \d/.test(line)).length
  const short = await history(seed, { bug, tries: 100 }).catch((failure: Error) => failure)
  expect(stepsOf(short as Error)).toBeLessThanOrEqual(4)
}, 60_000)

test('what each fault does can be done by hand', async () => {
  await simulate(1, async (sim) => {
    const hub = sim.hub((parts) => serve(parts, undefined))
    const ada = sim.client('ada', (parts) => open(parts, undefined), { over: 'direct' })
    const bob = sim.client('bob', (parts) => open(parts, undefined), { over: 'lossy' })
    const add = (id: string): void => void ada.app?.channel.mutate('todo:create', { id, text: id })
    const shown = (): unknown => bob.app?.list.get()?.map(({ id }) => id)
    await sim.run(1_000)
    add('live')
    await sim.run(1_000)
    expect(shown()).toEqual(['live'])

    ada.offline()
    add('offline')
    await sim.run(1_000)
    ada.kill()
    expect(ada.app).toBeUndefined()
    ada.open()
    await sim.run(60_000)
    expect(shown()).toEqual(['live'])
    ada.online()
    await sim.run(60_000)
    expect(shown()).toEqual(['live', 'offline'])

    bob.sleep()
    add('asleep')
    await sim.run(1_000)
    expect(shown()).toEqual(['live', 'offline'])
    bob.wake()
    await sim.settle(() => expect(shown()).toEqual(['live', 'offline', 'asleep']))

    hub.backup()
    hub.disk.down = true
    add('no disk')
    await sim.run(1_000)
    expect(all(hub.db)).toHaveLength(3)
    await sim.settle(() => expect(all(hub.db)).toHaveLength(4))
    hub.restore()
    await sim.settle(() => expect(shown()).toEqual(['live', 'offline', 'asleep']))
    hub.lose()
    await sim.settle(() => expect(shown()).toEqual([]))

    hub.restart()
    sim.signIn.life = 20_000
    bob.close()
    await sim.settle()
    expect(bob.app).toBeUndefined()
    sim.signIn.trouble = 'down'
    ada.kill()
    ada.open()
    const status = (): unknown => ada.app?.client.status$.get().at
    await sim.run(60_000)
    expect(status()).not.toBe('connected')
    await sim.settle()
    expect(status()).toBe('connected')
    expect(bob.closed).toBe(true)
  })
})

test('an exception that no program catches ends the history', async () => {
  const failing = simulate(5, async (sim) => {
    sim.hub((parts) => serve(parts, undefined))
    const ada = sim.client('ada', ({ environment, ...parts }) => {
      environment.setTimer(5_000, () => {
        throw new Error('forgot a case')
      })
      return open({ environment, ...parts }, undefined)
    })
    await sim.run(4_000)
    expect(ada.app).toBeDefined()
    await sim.run(4_000)
  })
  await expect(failing).rejects.toThrow('Seed 5: ada.1 threw: forgot a case')
})

test('what never comes to rest fails, and says what it waits for', async () => {
  const failing = simulate(5, async (sim) => {
    sim.client('ada', (parts) => open(parts, undefined))
    await sim.settle()
  })
  await expect(failing).rejects.toThrow('180 s after the last fault: ada is')
})

/** Todos in a database of the app's own, beside the hub's store: it outlives the hub's processes. */
const historyBeside = (seed: number, mindsWriteId: boolean) =>
  simulate(seed, async (sim) => {
    const rows: Todo[] = []
    const written = new Set<string>()
    sim.hub((parts) => {
      const hub = createHub(parts)
      hub.serve(todos, {
        snapshot: () => [...rows],
        mutations: {
          'todo:create': async ({ input, user, writeId, publish }) => {
            const key = `${user.id} ${writeId}`
            if (!mindsWriteId || !written.has(key)) rows.push(input)
            written.add(key)
            publish('todo:created', input)
          },
          'todo:rename': async () => {},
        },
      })
      return hub
    })
    const people = ['ada', 'bob'].map((name) => sim.client(name, (parts) => open(parts, undefined)))
    await sim.chaos({
      act: (chance, step) => {
        const id = `todo-${step}`
        chance.pick(people).app?.channel.mutate('todo:create', { id, text: id })
      },
    })
    await sim.settle(() => expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length))
  })

test('finds a handler that would run twice beside the commit, and passes one that minds the write id', async () => {
  const failed: number[] = []
  for (let seed = 1; seed <= 40; seed++) {
    await historyBeside(seed, true)
    await historyBeside(seed, false).catch(() => failed.push(seed))
  }
  expect(failed.length).toBeGreaterThan(0)
}, 60_000)
