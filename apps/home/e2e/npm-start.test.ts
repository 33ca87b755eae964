import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from 'demo-support/e2e'
import { afterEach, beforeEach, expect, it } from 'vitest'

/** Milliseconds. It builds what has changed since the last build: all of it takes minutes on a slow machine. */
const built = 15 * 60_000

let data: string
let npmStart: ChildProcess
let output: string
let closed: boolean

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'npm-start-'))
  output = ''
  closed = false
  // vitest's own NODE_ENV would go on to the builds.
  const { NODE_ENV: _, ...env } = process.env
  npmStart = spawn(process.execPath, ['tooling/setup/start.mjs'], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...env, PORT: '0', TODO_DATA: join(data, 'todo'), WHITEBOARD_DATA: join(data, 'board') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [npmStart.stdout, npmStart.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  npmStart.once('close', () => {
    closed = true
  })
})
afterEach(async () => {
  // What does not end when it is asked is killed ten seconds later.
  if (npmStart.exitCode === null && npmStart.kill('SIGTERM')) await once(npmStart, 'exit')
  // One that was left behind may still write.
  npmStart.stdout?.destroy()
  npmStart.stderr?.destroy()
  rmSync(data, { recursive: true, force: true })
})

/** @throws Error with all that it said, when it ends instead */
const address = () =>
  new Promise<string>((resolve, reject) => {
    npmStart.stdout?.on('data', () => {
      const url = /Everything is ready: (http:\S+)\n/.exec(output)?.[1]
      if (url) resolve(url)
    })
    npmStart.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)))
  })

const answers = (href: string) =>
  fetch(href).then(
    ({ status }) => status,
    () => 'gone',
  )

it(
  'installs, builds and serves the demos, prints the address, and stops all of it on Ctrl-C',
  async () => {
    const url = await address()
    const page = await (await fetch(url)).text()
    const links = [...page.matchAll(/href="(http[^"]+)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    )
    const opened = [url, ...new Set(links.map((href) => new URL(href).origin))]
    expect(opened).toHaveLength(3)
    for (const href of opened) expect(await answers(href)).toBe(200)

    npmStart.kill('SIGINT')
    await eventually(() => npmStart.exitCode).toBe(0)
    for (const href of opened) expect(await answers(href)).toBe('gone')
    // Whatever it has started writes to its output: that ends with the last of them.
    await eventually(() => closed).toBe(true)
    expect(output).toContain('\nStopped.\n')
  },
  built,
)
