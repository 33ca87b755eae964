import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTcpProxy, eventually } from '@syncline/testing'
import { describe, expect, test } from 'vitest'
import { createHouse, type Provider, providers } from '../four-providers/house.ts'
import { authenticate } from './authenticate.ts'
import { startChild } from './child-process.ts'
import type { ClientProcessSettings } from './client-process.ts'

/** Milliseconds. */
const heartbeat = 500
const grace = 500
const settling = 30_000
const hour = 3_600_000

/** What a night makes of the link of a machine that sleeps; of a silent one nobody is told. */
const nights = ['whole', 'silent', 'broken'] as const

describe.concurrent('a machine that sleeps', () => {
  test.for(providers)(
    'goes on when it wakes, with a fresh token, and has missed nothing on %s',
    { timeout: 240_000 },
    async (provider: Provider, { onTestFinished }) => {
      const house = await createHouse(onTestFinished)
      await house.start(undefined, { heartbeat, grace, authenticate })
      const watcher = await house.open('socket.io', { identity: 'watcher' })
      await watcher.live()
      const network = await createTcpProxy({ target: () => house.port })
      onTestFinished(() => network.close())
      const folder = await mkdtemp(join(tmpdir(), 'syncline-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const service = provider === 'pusher' || provider === 'ably' ? house.managed[provider].port : 0
      const settings: ClientProcessSettings = {
        provider,
        way: { hub: network.url, provider: service, key: house.managed.pusher.key },
        file: join(folder, 'client.db'),
        tokenLife: 6_000,
      }
      const ada = startChild('./client-process.ts', { settings, onTestFinished })
      await ada.said('channel live')
      const here = (is: boolean) =>
        eventually(() => watcher.names().includes('ada') === is, {
          what: is ? 'Ada on the list' : 'Nobody on the list',
          timeout: settling,
        })
      const all: string[] = []
      const told = (line: string) => {
        all.push(line)
        return line
      }
      for (const [index, night] of nights.entries()) {
        await here(true)
        // Some are on their way when it falls asleep, and when the hub has given it up others say more.
        for (let line = 0; line < 5; line++) ada.tell(`say ${told(`ada ${index} ${line}`)}`)
        await ada.said(`saved ada ${index} 0`)
        ada.signal('SIGSTOP')
        await here(false)
        for (let line = 0; line < 5; line++) await watcher.say(told(`watcher ${index} ${line}`)).result
        if (night === 'silent') network.pause()
        else if (night === 'broken') network.cut()
        ada.tell(`jump ${8 * hour}`)
        ada.signal('SIGCONT')
        await here(true)
        await eventually(() => all.every((line) => ada.lines.includes(`heard ${line}`)), {
          what: `All heard after a night with a ${night} link`,
          timeout: settling,
        })
        network.resume()
      }
      const heard = ada.lines.filter((line) => line.startsWith('heard ')).map((line) => line.slice(6))
      expect(heard.toSorted()).toEqual(all.toSorted())
      expect(heard).toEqual(watcher.heard())
      expect([...house.runs.values()].filter((times) => times !== 1)).toEqual([])
      expect(
        ada.lines.filter((line) => /^(parked|failed|other|missed|status (needs-auth|failed))/.test(line)),
      ).toEqual([])
    },
  )
})
