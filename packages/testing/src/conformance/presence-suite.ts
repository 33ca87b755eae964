import { channelPresence, type Member } from '@syncline/core/presence'
import type { HubFrame } from '@syncline/core/protocol'
import { expect } from 'vitest'
import { collect } from '../collect.ts'
import { eventually, until } from '../until.ts'
import { helloFrame } from './raw-link.ts'
import type { Scenario } from './scenario.ts'
import { channelOf, type Reader, todoList } from './todo-contract.ts'
import { type ClientSettings, tokenOf, type World } from './world.ts'

type Readers = readonly Member<Reader>[]

const home = channelOf('home')
const names = (readers: Readers): readonly string[] => readers.map(({ state }) => state.name).sort()
const show = (list: readonly string[]) => (readers: Readers) => names(readers).join() === list.join()

/** How often anybody was there in one list and not in the next. */
const departures = (lists: readonly Readers[]): number => {
  let count = 0
  for (const [index, list] of lists.entries()) {
    const next = lists[index + 1]
    if (next) for (const { id } of list) if (!next.some((other) => other.id === id)) count++
  }
  return count
}

const reader = async (world: World, identity: string, settings: ClientSettings = {}) => {
  const device = await world.device({ identity, ...settings })
  const presence = channelPresence(device.list())
  const inside = () => until(presence.self$, ({ at }) => at === 'inside', { what: `${identity} on the list` })
  return {
    device,
    presence,
    /** Watches from now on. */
    lists: () => collect(presence.members$),
    enter: async (name = identity) => {
      presence.enter({ name })
      return inside()
    },
    inside,
    /** What those who watch agree on in the end. */
    sees: (...list: readonly string[]) =>
      until(presence.members$, show([...list].sort()), {
        what: `${identity} seeing ${list.join(', ') || 'nobody'}`,
      }),
    live: () => until(presence.status$, (status) => status === 'live', { what: 'A list of who is here' }),
  }
}

/** Somebody who watches from the start. */
const watching = async (world: World) => {
  const watcher = await reader(world, 'watcher')
  const lists = watcher.lists()
  await watcher.live()
  return { ...watcher, seen: lists }
}

/** Promise 7: entering, updating and leaving are three things, and only what happened is shown. */
export const presenceSuite = (scenario: Scenario): void => {
  scenario('entering, updating and leaving are three different things', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const ada = await reader(world, 'ada')
    await ada.enter()
    await watcher.sees('ada')
    const before = watcher.presence.members$.get()[0]
    ada.presence.update({ name: 'Ada' })
    await watcher.sees('Ada')
    const after = watcher.presence.members$.get()[0]
    expect(after).toMatchObject({ id: before?.id, since: before?.since, person: 'ada' })
    expect(departures(watcher.seen.values)).toBe(0)
    ada.presence.exit()
    await watcher.sees()
    expect(departures(watcher.seen.values)).toBe(1)
  })

  scenario('observing never enters', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const other = await watching(world)
    const ada = await reader(world, 'ada')
    await ada.enter()
    await Promise.all([watcher.sees('ada'), other.sees('ada')])
    expect(world.running.hub.members(todoList, { list: 'home' }).map(({ person }) => person)).toEqual(['ada'])
    expect(watcher.presence.self$.get().at).toBe('outside')
  })

  scenario('all who watch see one list, their own place in it included', async (world) => {
    await world.start()
    const readers = await Promise.all(['ada', 'bob', 'cleo', 'dan'].map((name) => reader(world, name)))
    for (const { lists } of readers) lists()
    await Promise.all(readers.map(({ enter }) => enter()))
    await Promise.all(readers.map(({ sees }) => sees('ada', 'bob', 'cleo', 'dan')))
    readers[1]?.presence.update({ name: 'Bob' })
    readers[2]?.presence.exit()
    await Promise.all(readers.map(({ sees }) => sees('ada', 'Bob', 'dan')))
    for (const [index, { presence }] of readers.entries())
      expect(presence.members$.get().filter(({ self }) => self)).toHaveLength(index === 2 ? 0 : 1)
  })

  scenario.failsProvider('a reconnect within the grace is invisible', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const ada = await reader(world, 'ada')
    await ada.enter()
    await watcher.sees('ada')
    for (let cuts = 0; cuts < 5; cuts++) {
      ada.device.proxy.cut()
      await until(ada.presence.self$, ({ at }) => at !== 'inside', { what: 'A lost place' })
      await ada.inside()
    }
    ada.presence.update({ name: 'Ada' })
    await watcher.sees('Ada')
    expect(departures(watcher.seen.values)).toBe(0)
    expect(new Set(watcher.seen.values.flat().map(({ id, since }) => `${id} ${since}`)).size).toBe(1)
  })

  scenario('a watcher that reconnects sees nobody leave who has not', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const [ada, bob] = [await reader(world, 'ada'), await reader(world, 'bob')]
    await Promise.all([ada.enter(), bob.enter()])
    await watcher.sees('ada', 'bob')
    watcher.device.proxy.cut()
    bob.presence.exit()
    ada.presence.update({ name: 'Ada' })
    await watcher.sees('Ada')
    await watcher.live()
    expect(departures(watcher.seen.values)).toBe(1)
  })

  scenario('a client that died leaves once the grace is over', async (world) => {
    // Where a provider is in between, nothing but silence tells that a client is gone.
    await world.start({ heartbeat: 500, presence: { grace: 300 } })
    const watcher = await watching(world)
    const ada = await reader(world, 'ada')
    await ada.enter()
    await watcher.sees('ada')
    ada.device.proxy.refuse()
    ada.device.proxy.cut()
    await watcher.sees()
    ada.device.proxy.accept()
    await watcher.sees('ada')
  })

  scenario('who leaves and closes at once is not taken for one that was lost', async (world) => {
    await world.start({ presence: { grace: 60_000 } })
    const watcher = await watching(world)
    for (const name of ['ada', 'bob', 'eve']) {
      const leaver = await reader(world, name)
      await leaver.enter()
      await watcher.sees(name)
      leaver.presence.exit()
      await Promise.resolve()
      await leaver.device.client.close()
      await watcher.sees()
    }
  })

  scenario('the ghost of an old connection takes no newer one with it', async (world) => {
    await world.start({ presence: { grace: 300 } })
    const watcher = await watching(world)
    const join = { type: 'join', channel: home }
    const open = async (subject: string, name: string) => {
      const frames = [helloFrame(`client of ${subject}`), join]
      const link = world.raw({ token: tokenOf(subject), frames })
      await link.frame('joined')
      link.send({ type: 'enter', channel: home, state: { name } })
      return { link, id: (await link.frame('entered')).id }
    }
    const connections = (count: number) =>
      eventually(() => world.running.hub.health().connections === count, { what: `${count} connections` })
    const old = await open('ada', 'ada')
    await watcher.sees('ada')
    const next = await open('ada', 'Ada')
    expect(next.id).toBe(old.id)
    await watcher.sees('Ada')
    const bob = await open('bob', 'bob')
    await watcher.sees('Ada', 'bob')
    old.link.close()
    await connections(3)
    bob.link.close()
    await connections(2)
    // His grace began after that of the ghost, if it had one.
    await watcher.sees('Ada')
    expect(departures(watcher.seen.values)).toBe(1)
    next.link.close()
    await watcher.sees()
  })

  scenario('a half-open link counts as lost, though nobody closed it', async (world) => {
    await world.start({ heartbeat: 200, presence: { grace: 200 } })
    const watcher = await watching(world)
    const ada = await reader(world, 'ada')
    await ada.enter()
    await watcher.sees('ada')
    ada.device.proxy.refuse()
    ada.device.proxy.pause()
    await watcher.sees()
    ada.device.proxy.accept()
    ada.device.proxy.resume()
    await watcher.sees('ada')
  })

  scenario('several tabs of one person are one person with several members', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const people = collect(watcher.presence.people$)
    const [one, two] = [await reader(world, 'ada'), await reader(world, 'ada')]
    await Promise.all([one.enter(), two.enter()])
    await watcher.sees('ada', 'ada')
    await until(watcher.presence.people$, ([ada]) => ada?.members.length === 2)
    expect(watcher.presence.people$.get()).toHaveLength(1)
    one.presence.exit()
    await watcher.sees('ada')
    expect(watcher.presence.people$.get()).toHaveLength(1)
    expect(people.values.filter((list) => list.length === 0)).toHaveLength(1)
  })

  scenario('typing and cursors are shown, end by themselves, and go with the connection', async (world) => {
    await world.start({ heartbeat: 2_000, presence: { grace: 60_000 } })
    const watcher = await watching(world)
    collect(watcher.presence.typing$)
    const cursors = collect(watcher.presence.cursors$)
    const ada = await reader(world, 'ada')
    await ada.enter()
    await watcher.sees('ada')
    ada.presence.typing()
    for (let x = 0; x <= 200; x++) ada.presence.moveCursor({ x })
    await until(watcher.presence.typing$, (list) => list.length === 1, { what: 'Somebody typing' })
    await cursors.until((values) => values.at(-1)?.[0]?.cursor.x === 200)
    expect(cursors.values.length).toBeLessThan(20)
    ada.device.proxy.refuse()
    ada.device.proxy.cut()
    await until(watcher.presence.typing$, (list) => list.length === 0, { what: 'The end of typing' })
    await until(watcher.presence.cursors$, (list) => list.length === 0, { what: 'The end of a cursor' })
    expect(names(watcher.presence.members$.get())).toEqual(['ada'])
  })

  scenario('a state that violates its schema is refused and others see nothing of it', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const ada = await reader(world, 'ada')
    ada.presence.enter({ name: 7 } as never)
    const refused = await until(ada.presence.self$, ({ at }) => at === 'refused')
    expect(refused.error?.code).toBe('schema-violation')
    ada.presence.update({ name: 'ada' })
    await ada.inside()
    await watcher.sees('ada')
    ada.presence.update({ name: 7 } as never)
    await ada.device.errors.until(
      (errors) => errors.filter(({ code }) => code === 'schema-violation').length === 2,
    )
    ada.presence.update({ name: 'Ada' })
    await watcher.sees('Ada')
    expect(departures(watcher.seen.values)).toBe(0)
    expect(watcher.device.errors.values).toEqual([])
  })

  scenario('a full list lets one more in once somebody left', async (world) => {
    await world.start({ limits: { members: 1 } })
    const watcher = await watching(world)
    const [ada, bob] = [await reader(world, 'ada'), await reader(world, 'bob')]
    await ada.enter()
    bob.presence.enter({ name: 'bob' })
    const refused = await until(bob.presence.self$, ({ at }) => at === 'refused')
    expect(refused.error?.code).toBe('too-many-connections')
    ada.presence.exit()
    await watcher.sees()
    // By itself it asks when the hub said; who enters anew asks now.
    bob.presence.exit()
    bob.presence.enter({ name: 'Bob' })
    await watcher.sees('Bob')
  })

  scenario('access that ends takes the presence with it, at once', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const ada = await reader(world, 'ada')
    await ada.enter()
    await watcher.sees('ada')
    world.app.lock('home')
    world.running.hub.revoke({ subject: 'ada', channel: home })
    await watcher.sees()
    await until(ada.presence.self$, ({ at }) => at !== 'inside')
  })

  scenario(
    'a lost change is noticed by what follows, or by the heartbeat where nothing does',
    async (world) => {
      await world.start({ heartbeat: 300 })
      let losing = false
      const lossy = await reader(world, 'watcher', {
        taps: {
          in: (frame: HubFrame, pass) => {
            if (!(losing && frame.type === 'presence')) pass(frame)
          },
        },
      })
      lossy.lists()
      await lossy.live()
      const [ada, bob] = [await reader(world, 'ada'), await reader(world, 'bob')]
      losing = true
      await Promise.all([ada.enter(), bob.enter()])
      await lossy.sees('ada', 'bob')
      losing = false
      ada.presence.update({ name: 'Ada' })
      await lossy.sees('Ada', 'bob')
    },
  )

  scenario('a restarted hub shows nobody leaving who comes back within the grace', async (world) => {
    await world.start()
    const watcher = await watching(world)
    const [ada, bob] = [await reader(world, 'ada'), await reader(world, 'bob')]
    await Promise.all([ada.enter(), bob.enter()])
    await watcher.sees('ada', 'bob')
    await world.running.kill()
    await world.start({ presence: { grace: 60_000 } })
    await Promise.all([ada.inside(), bob.inside(), watcher.live()])
    ada.presence.update({ name: 'Ada' })
    await watcher.sees('Ada', 'bob')
    expect(departures(watcher.seen.values)).toBe(0)
  })

  scenario('presence keeps nobody waiting: messages go on beside a storm of changes', async (world) => {
    await world.start()
    const bystander = await world.bystander()
    const watcher = await watching(world)
    const readers = await Promise.all(['ada', 'bob', 'cleo'].map((name) => reader(world, name)))
    await Promise.all(readers.map(({ enter }) => enter()))
    for (let x = 0; x < 50; x++) {
      for (const { presence } of readers) presence.moveCursor({ x })
      if (x % 10 === 0) await bystander.goesOn()
    }
    await watcher.sees('ada', 'bob', 'cleo')
  })
}
