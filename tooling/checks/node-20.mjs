// `pnpm check:node-20`, after a build: what the manifests promise of Node 20, on the first one there was. Every entry
// imports, those on `node:sqlite` say that it is not there, and a hub serves a client on Socket.IO and one on SSE.
import { equal } from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect, isDeepStrictEqual } from 'node:util'
import { packageEntries } from '../resolve/entries.mjs'
import { run } from '../setup/child.mjs'
import { environment, root } from '../setup/environment.mjs'

/** They promise Node 22.13. */
const onSqlite = ['@syncline/core/sqlite', '@syncline/server/sqlite']

/** Milliseconds. It takes two seconds; a wait that fails inside ends earlier, with its own words. */
const timeout = 60_000

process.exitCode = process.argv.includes('--on-it') ? await check() : await start()

/** This file again, on Node 20. */
async function start() {
  const bin = join(root, 'node_modules/node-20/bin')
  if (!existsSync(bin)) return bad('Node 20 is not there: `pnpm install` did not get it for this machine')
  const command = ['node', 'tooling/checks/node-20.mjs', '--on-it']
  const { code, timedOut } = await run(command, { cwd: root, env: environment(bin), timeout })
  return timedOut ? bad(`stopped after ${timeout / 1000} s: something hangs, or was not closed`) : code
}

async function check() {
  const entries = packageEntries()
  for (const { package: folder, specifier } of entries) {
    const outcome = await load(folder, specifier).then(
      () => 'imported',
      (error) => (error.code === 'ERR_UNKNOWN_BUILTIN_MODULE' ? error.message : error.stack),
    )
    const expected = onSqlite.includes(specifier) ? 'No such built-in module: node:sqlite' : 'imported'
    if (outcome !== expected) bad(`${specifier}: ${outcome}, not: ${expected}`)
  }
  if (process.exitCode) return 1
  process.stdout.write(`ok   ${entries.length} entries on Node ${process.version}\n`)
  try {
    await talk()
  } catch (error) {
    bad(inspect(error))
    process.exit()
  }
  process.stdout.write(`ok   a hub, Socket.IO and SSE on Node ${process.version}\n`)
  // Nobody exits here: what was closed must not hold the process.
  return 0
}

/** Each client writes in turn, is answered, and all see what was written so far. */
async function talk() {
  const { createClient, createView, defineChannel, type } = await load('core', '@syncline/core')
  const { createHub, memoryStore, toNodeHandler } = await load('server', '@syncline/server')
  const { socketIo } = await load('socket-io', '@syncline/socket-io')
  const { socketIoGateway } = await load('socket-io', '@syncline/socket-io/hub')
  const { sse } = await load('sse', '@syncline/sse')
  const { sseGateway } = await load('sse', '@syncline/sse/hub')
  const { until } = await load('testing', '@syncline/testing')
  const { listen } = await load('testing', '@syncline/testing/adapter')
  const { Server } = await load('socket-io', 'socket.io')

  const lines = defineChannel('lines', {
    events: { said: type() },
    mutations: { say: { input: type(), output: type() } },
  })
  const io = new Server()
  const hub = createHub({ store: memoryStore(), gateways: [socketIoGateway(io), sseGateway()] })
  hub.serve(lines, { authorize: () => true, mutations: { say } })
  const server = createServer(toNodeHandler(hub.handler))
  io.attach(server)
  const url = await listen(server, 0)

  const transports = { 'Socket.IO': socketIo(url), SSE: sse(`${url}/syncline`) }
  const windows = Object.entries(transports).map(([provider, transport]) => {
    const client = createClient({ transport })
    const channel = client.channel(lines)
    const view = createView(channel, { initial: () => [], on: { said: append } })
    return { provider, client, channel, view }
  })
  /** @type {string[]} */
  const said = []
  const allShowIt = () =>
    Promise.all(
      windows.map(({ provider, view }) => {
        const whole = (/** @type {unknown} */ shown) => isDeepStrictEqual(shown, said)
        return until(view, whole, { what: `[${said}] in the view over ${provider}` })
      }),
    )

  await allShowIt()
  for (const { provider, channel } of windows) {
    const write = channel.mutate('say', provider)
    await until(write.status$, answered, { what: `The result over ${provider}` })
    equal(await write.result, `heard ${provider}`)
    said.push(provider)
    await allShowIt()
  }
  for (const { client } of windows) await client.close()
  await hub.close()
  await io.close()
}

/** @param {{ input: string, publish: (event: string, data: string) => void }} call */
function say({ input, publish }) {
  publish('said', input)
  return `heard ${input}`
}

/** @param {string[]} all @param {string} line */
function append(all, line) {
  return [...all, line]
}

/** @param {{ at: string }} status */
function answered({ at }) {
  return at === 'accepted' || at === 'applied'
}

/**
 * @param {string} folder the package that asks
 * @param {string} specifier
 * @returns {Promise<any>}
 */
function load(folder, specifier) {
  const { resolve } = createRequire(join(root, 'packages', folder, 'package.json'))
  return import(pathToFileURL(resolve(specifier)).href)
}

/** @param {string} what is wrong; makes the process fail */
function bad(what) {
  process.stdout.write(`BAD  ${what}\n`)
  process.exitCode = 1
  return 1
}
