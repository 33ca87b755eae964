import { readFileSync } from 'node:fs'
import { createClient } from '@syncline/core'
import { collect, until } from '@syncline/testing'
import { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular'
import { expect, onTestFinished, test } from 'vitest'
import { ably } from '../src/modular/index.ts'
import { local } from './emulated.ts'
import { startWorld, talk } from './world.ts'

test('the parts of ably/modular are enough: a client hears, writes, and goes on after a cut', async () => {
  const world = await startWorld()
  const client = createClient({
    transport: ably(world.url, {
      ...local(world.emulator),
      BaseRealtime,
      plugins: { WebSocketTransport, FetchRequest },
    }),
    token: () => 'ada',
    backoff: { firstDelay: 20, cap: 100 },
  })
  onTestFinished(() => client.close())
  const channel = client.channel(talk, { room: 'home' })
  const seen = collect(channel.messages$)
  await until(channel.state$, ({ phase }) => phase === 'live')
  await channel.publish('said', { n: 1 }).result
  await seen.until(({ length }) => length === 1)
  world.emulator.faults.drop()
  await until(client.status$, ({ at }) => at === 'reconnecting')
  await world.say([2])
  await seen.until(({ length }) => length === 2)
  world.emulator.faults.expireTokens()
  await world.say('three')
  await seen.until(({ length }) => length === 3)
  expect(seen.values.map(({ data }) => data)).toEqual([{ n: 1 }, [2], 'three'])
})

test('its entry loads nothing of the SDK itself', () => {
  const visited = new Map<string, string[]>()
  const visit = (file: URL) => {
    if (visited.has(file.href)) return
    const source = readFileSync(file, 'utf8')
    const imports = [...source.matchAll(/^(?:import|export) (?!type )[^']*? from '([^']+)'/gm)].map(
      ([, from]) => from ?? '',
    )
    visited.set(file.href, imports)
    for (const from of imports) if (from.startsWith('.')) visit(new URL(from, file))
  }
  visit(new URL('../src/modular/index.ts', import.meta.url))
  expect(visited.size).toBeGreaterThan(4)
  expect([...visited.values()].flat().filter((from) => from.startsWith('ably'))).toEqual([])
})
