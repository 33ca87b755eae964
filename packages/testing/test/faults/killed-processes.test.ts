import { DatabaseSync } from 'node:sqlite'
import { createTcpProxy, eventually } from '@syncline/testing'
import { createChance } from '@syncline/testing/simulation'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../src/conformance/files.ts'
import { createHouse, type Provider, providers, type Window } from '../four-providers/house.ts'
import { startChild } from './child-process.ts'
import type { ClientProcessSettings } from './client-process.ts'
import type { HubProcessSettings } from './hub-process.ts'

/** How often a process is killed. */
const kills = 12
/** Milliseconds. */
const heartbeat = 500
const settling = 30_000

/** What the file holds while no hub has it open. */
const read = (file: string) => {
  const db = new DatabaseSync(file)
  const ids = db.prepare('SELECT id FROM lines ORDER BY rowid').all()
  const integrity = db.prepare('PRAGMA integrity_check').get()
  db.close()
  expect(integrity).toEqual({ integrity_check: 'ok' })
  return ids.map(({ id }) => String(id))
}

/** Keeps a few writes of each window on their way until it is told to stop. */
const createLoad = (windows: readonly Window[]) => {
  const accepted: string[] = []
  const said: { readonly id: string; readonly receipt: ReturnType<Window['say']> }[] = []
  let stopped = false
  const next = (window: Window) => {
    if (stopped) return
    const id = `${window.name} ${said.length}`
    const receipt = window.say(id)
    said.push({ id, receipt })
    receipt.status$.subscribe(({ at }) => {
      if (at !== 'accepted') return
      accepted.push(id)
      next(window)
    })
  }
  for (const window of windows) for (let count = 0; count < 3; count++) next(window)
  const stop = () => {
    stopped = true
  }
  return { accepted, said, stop }
}

test('a hub that is killed again and again under load loses no write and has none twice', async ({
  onTestFinished,
}) => {
  const chance = createChance(4)
  const house = await createHouse(onTestFinished)
  const file = `${await temporaryDirectory()}/hub.db`
  let port = 0
  const start = async () => {
    const settings: HubProcessSettings = { file, port, heartbeat, managed: house.managed }
    const hub = startChild('./hub-process.ts', { settings, onTestFinished })
    port = Number(await hub.said('ready'))
    house.servedAt(port)
    return hub
  }
  let hub = await start()
  const windows = await Promise.all(providers.map((provider) => house.open(provider)))
  await Promise.all(windows.map((window) => window.live()))
  const load = createLoad(windows)
  for (let kill = 0; kill < kills; kill++) {
    const goal = load.accepted.length + chance.between(1, 12)
    await eventually(() => load.accepted.length >= goal, { what: `${goal} accepted`, timeout: settling })
    await hub.kill()
    const told = [...load.accepted]
    expect(read(file)).toEqual(expect.arrayContaining(told))
    hub = await start()
  }
  load.stop()
  await eventually(
    () => {
      for (const { id, receipt } of load.said)
        expect(`${id} ${receipt.status$.get().at}`).toBe(`${id} applied`)
      return windows.every((window) => window.heard().length >= load.said.length)
    },
    { what: 'Every write applied and heard', timeout: settling },
  )
  await hub.kill()
  const log = read(file)
  expect(log.toSorted()).toEqual(load.said.map(({ id }) => id).toSorted())
  for (const window of windows) {
    expect(window.heard(), window.name).toEqual(log)
    expect(window.shown(), window.name).toEqual(log)
    expect(window.missed(), window.name).toEqual([])
    const own = (id: string) => id.startsWith(`${window.name} `)
    expect(log.filter(own)).toEqual(load.said.map(({ id }) => id).filter(own))
  }
}, 240_000)

test('what a client called queued is committed once, however often it is killed while it writes', async ({
  onTestFinished,
}) => {
  const chance = createChance(5)
  const house = await createHouse(onTestFinished)
  await house.start(undefined, { heartbeat })
  const watcher = await house.open('socket.io', { identity: 'watcher' })
  await watcher.live()
  const file = `${await temporaryDirectory()}/client.db`
  const network = await createTcpProxy({ target: () => house.port })
  onTestFinished(() => network.close())
  const way = (provider: Provider) => ({
    hub: network.url,
    provider: provider === 'pusher' || provider === 'ably' ? house.managed[provider].port : 0,
    key: house.managed.pusher.key,
  })
  const saved: string[] = []
  const start = async (provider: Provider) => {
    const settings: ClientProcessSettings = { provider, way: way(provider), file }
    const client = startChild('./client-process.ts', { settings, onTestFinished })
    await client.said('ready')
    return client
  }
  for (let kill = 0; kill < kills; kill++) {
    const client = await start(providers[kill % providers.length]!)
    // Every third life is one without a network.
    if (kill % 3 === 2) network.refuse()
    else network.accept()
    for (let line = 0; line < 20; line++) client.tell(`say ${kill} ${line}`)
    const moment = kill % 3 === 2 ? 'saved' : chance.pick(['saved', 'accepted'])
    await client.saidTimes(moment, chance.between(1, 19))
    await client.kill()
    const { lines } = client
    saved.push(...lines.filter((line) => line.startsWith('saved ')).map((line) => line.slice(6)))
    const accepted = lines.filter((line) => line.startsWith('accepted ')).map((line) => line.slice(9))
    expect([...house.runs.keys()]).toEqual(expect.arrayContaining(accepted))
    expect(lines.filter((line) => /^(failed|parked|other) /.test(line))).toEqual([])
  }
  network.accept()
  await start('socket.io')
  await eventually(() => saved.every((line) => watcher.heard().includes(line)), {
    what: 'All that was queued',
    timeout: settling,
  })
  const heard = watcher.heard()
  expect(new Set(heard).size).toBe(heard.length)
  expect([...house.runs.values()].filter((times) => times !== 1)).toEqual([])
  for (let life = 0; life < kills; life++) {
    const numbers = heard
      .filter((line) => line.startsWith(`${life} `))
      .map((line) => Number(line.split(' ')[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
}, 240_000)
