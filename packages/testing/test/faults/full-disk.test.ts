import { createTcpProxy, eventually, until } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../src/conformance/files.ts'
import { createHouse, type Window } from '../four-providers/house.ts'
import { startChild } from './child-process.ts'
import type { ClientProcessSettings } from './client-process.ts'
import type { HubProcessSettings } from './hub-process.ts'
import { smallDisks } from './small-disk.ts'

/** Milliseconds. */
const heartbeat = 500
const settling = 30_000

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`)
const sayAll = (window: Window, lines: readonly string[]) => lines.map((line) => window.say(line))

describe.skipIf(smallDisks.length === 0).for(smallDisks)('on $kind', ({ make }) => {
  test('a hub whose disk is full refuses what it cannot store, lets all read, and goes on with room', async ({
    onTestFinished,
  }) => {
    const house = await createHouse(onTestFinished)
    const directory = await temporaryDirectory()
    const disk = make(directory)
    const settings: HubProcessSettings = {
      file: `${directory}/hub.db`,
      port: 0,
      heartbeat,
      managed: house.managed,
    }
    const hub = startChild('./hub-process.ts', { settings, onTestFinished, through: disk.through })
    house.servedAt(Number(await hub.said('ready')))
    const ada = await house.open('socket.io', { identity: 'ada' })
    await ada.live()
    const before = names('before', 5)
    await Promise.all(sayAll(ada, before).map(({ result }) => result))
    for (let time = 0; time < 2; time++) {
      await disk.fill(hub, directory)
      const waiting = sayAll(ada, names(`full ${time}`, 5))
      for (const { status$ } of waiting) await until(status$, ({ at }) => at === 'sent')
      hub.tell('publish by the backend')
      await hub.saidTimes('refused store-unavailable', time + 1)
      const reader = await house.open('sse', { identity: `reader ${time}` })
      await reader.live()
      await eventually(() => reader.shown()?.length === 5 * (time + 1), { what: 'The snapshot' })
      for (const { status$ } of waiting) expect(status$.get().at).toMatch(/queued|sent/)
      await disk.free(hub, directory)
      await Promise.all(waiting.map(({ result }) => result))
      await eventually(() => reader.heard().length === 5, { what: 'The messages at the reader' })
    }
    const all = [...before, ...[0, 1].flatMap((time) => names(`full ${time}`, 5))]
    await eventually(() => ada.heard().length === all.length)
    expect(ada.heard()).toEqual(all)
    expect(ada.shown()).toEqual(all)
    hub.tell('check')
    expect(JSON.parse(await hub.said('checked'))).toEqual([{ integrity_check: 'ok' }, all])
  }, 240_000)

  test('a client whose disk is full says what it could not store, keeps what it had, and goes on with room', async ({
    onTestFinished,
  }) => {
    const house = await createHouse(onTestFinished)
    await house.start(undefined, { heartbeat })
    const grace = await house.open('socket.io', { identity: 'grace' })
    await grace.live()
    const directory = await temporaryDirectory()
    const disk = make(directory)
    const network = await createTcpProxy({ target: () => house.port })
    onTestFinished(() => network.close())
    const settings: ClientProcessSettings = {
      provider: 'socket.io',
      way: { hub: network.url, provider: 0, key: '' },
      file: `${directory}/client.db`,
    }
    const ada = startChild('./client-process.ts', { settings, onTestFinished, through: disk.through })
    await ada.said('status connected')
    ada.tell('say before')
    await ada.said('heard before')
    network.refuse()
    network.cut()
    await ada.said('status reconnecting')
    const kept = names('kept', 3)
    for (const line of kept) ada.tell(`say ${line}`)
    await ada.saidTimes('saved kept', kept.length)
    await disk.fill(ada, directory)
    // A file that is long enough already takes a little more.
    for (let line = 0; ; line++) {
      ada.tell(`say full ${line}`)
      const fate = await Promise.race([ada.said(`saved full ${line}`), ada.said(`failed full ${line}`)])
      if (fate === 'storage-failed') break
      expect(line).toBeLessThan(10)
    }
    network.accept()
    await ada.saidTimes('status connected', 2)
    await grace.say('read').result
    await ada.said('heard read')
    await disk.free(ada, directory)
    ada.tell('say after')
    await ada.said('accepted after')
    const saved = ada.lines.filter((line) => line.startsWith('saved ')).map((line) => line.slice(6))
    expect(saved).toEqual(expect.arrayContaining(['before', ...kept, 'after']))
    await eventually(() => saved.every((line) => grace.heard().includes(line)), {
      what: 'All that was queued',
      timeout: settling,
    })
    expect(grace.heard().toSorted()).toEqual([...saved, 'read'].toSorted())
    expect([...house.runs.values()].filter((times) => times !== 1)).toEqual([])
    expect(ada.lines.filter((line) => /^(parked|other) /.test(line))).toEqual([])
  }, 240_000)
})
