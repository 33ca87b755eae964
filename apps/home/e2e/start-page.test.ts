import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from 'demo-support/e2e'
import { afterEach, beforeEach, expect, it } from 'vitest'

let data: string
let home: ChildProcess
let url: string

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'home-'))
  home = spawn(process.execPath, ['src/main.ts'], {
    cwd: join(import.meta.dirname, '..'),
    env: { ...process.env, PORT: '0', TODO_DATA: join(data, 'todo'), WHITEBOARD_DATA: join(data, 'board') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  home.stdout?.on('data', (text) => {
    output += text
  })
  await eventually(() => output).toContain('Everything is ready')
  expect(output.match(/http:\S+/g)).toHaveLength(1)
  url = /http:\S+/.exec(output)?.[0] ?? ''
})
afterEach(() => {
  home.kill('SIGKILL')
  rmSync(data, { recursive: true, force: true })
})

const linked = async () => {
  const page = await (await fetch(url)).text()
  return [...page.matchAll(/href="(http[^"]+)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'))
}

const answers = (href: string) =>
  fetch(href).then(
    ({ status }) => status,
    () => 'gone',
  )

it('leads to every demo on each provider, and takes them along on Ctrl-C', async () => {
  const links = await linked()
  expect(links.map((href) => new URL(href).search)).toEqual([
    '?board=lobby&provider=socket-io&as=Ada',
    '?board=lobby&provider=sse&as=Grace',
    '?board=lobby&provider=pusher&as=Radia',
    '?board=lobby&provider=ably&as=Hedy',
    '?provider=socket-io&as=ada',
    '?provider=sse&as=grace',
  ])
  for (const href of links) expect(await answers(href)).toBe(200)

  home.kill('SIGINT')
  expect(await once(home, 'exit')).toEqual([0, null])
  for (const href of links) expect(await answers(href)).toBe('gone')
})

it('leaves nothing behind, however it ends', async () => {
  const links = await linked()
  home.kill('SIGKILL')
  for (const href of links) await eventually(() => answers(href)).toBe('gone')
})
