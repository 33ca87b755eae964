// Part of `pnpm typecheck`: the TypeScript of the READMEs compiles, all of it against the contract that the core
// README shows. A fence that is only a fragment says so: ```ts ignore-check
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const readmes = [
  'README.md',
  'packages/core/README.md',
  'packages/server/README.md',
  'packages/socket-io/README.md',
  'packages/sse/README.md',
  'packages/pusher/README.md',
  'packages/ably/README.md',
  'packages/tanstack-query/README.md',
  'packages/react/README.md',
  'packages/testing/README.md',
]

/** What the snippets use of the reader's app. */
const prelude = `
import type { Client, SynclineError } from '@syncline/core'
import type { QueryClient } from '@tanstack/query-core'
import type { Observable } from 'rxjs'
import type { ReactNode } from 'react'
import type * as contract from './contract.ts'
declare global {
  interface Todo { readonly id: string; readonly text: string; readonly done: boolean }
  const client: Client
  const queryClient: QueryClient
  const todos: typeof contract.todos
  const id: string, text: string, secret: string, pem: string, issuer: string, audience: string
  const appId: string, key: string
  const fetchToken: (reason: string) => Promise<string>
  const fetchTodos: () => Promise<Todo[]>
  const readTodos: (user: string) => Promise<Todo[]>
  const saveTodo: (user: string, todo: Todo) => Promise<Todo>
  const render: (todos: readonly Todo[]) => void
  const ticks$: Observable<{ readonly n: number }>, events$: Observable<{ readonly id: string }>
  const socket$: Observable<string>, edits$: Observable<{ readonly at: number; readonly replica: string }>
  const TodoList: (props: { items: readonly Todo[]; onAdd(text: string): void; status: unknown }) => ReactNode
  const SignIn: (props: { onDone(): void }) => ReactNode
  const Editor: () => ReactNode
}
`
const sync = `
import { createView } from '@syncline/core'
import { todos } from './contract.ts'
const app = client
export { app as client, todos }
export const list = createView(app.channel(todos), { initial: (all) => all, on: {} })
`

/** Packages that ours depend on, and in which of ours they are. */
const others = {
  zod: 'core',
  rxjs: 'core',
  vitest: 'testing',
  'socket.io': 'socket-io',
  'socket.io-client': 'socket-io',
  'pusher-js': 'pusher',
  pusher: 'pusher',
  ably: 'ably',
  react: 'react',
  '@types/react': 'react',
  '@tanstack/query-core': 'tanstack-query',
  '@tanstack/react-query': 'tanstack-query',
}

const folder = 'node_modules/.cache/syncline-readmes'
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const readme of readmes) for (const [name, code] of snippetsOf(readme)) put(name, code)
for (const [name, dependent] of Object.entries(others)) {
  const link = join(folder, 'node_modules', name)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(resolve('packages', dependent, 'node_modules', name), link, 'junction')
}
put('prelude.d.ts', prelude)
put('sync.ts', sync)
put('package.json', '{ "type": "module" }')
put('tsconfig.json', JSON.stringify(config()))
const { status } = spawnSync('tsc', ['-p', folder], { stdio: 'inherit', shell: process.platform === 'win32' })
process.exitCode = status === 0 ? 0 : 1

/**
 * Each checked fence, as a file with the README's line numbers: named by its first comment (`// contract.ts`), or
 * by the README.
 * @param {string} readme
 */
function snippetsOf(readme) {
  const text = readFileSync(readme, 'utf8')
  return [...text.matchAll(/^```(tsx?)\n(.*?)^```$/gms)].map(([, kind, code = ''], index) => {
    const name = /^\/\/ ([\w-]+\.tsx?)\b/.exec(code)?.[1]
    return [name ?? `${readme.replace(/\W+/g, '-')}-${index + 1}.${kind}`, code]
  })
}

/**
 * @param {string | undefined} name
 * @param {string | undefined} text
 */
function put(name = '', text = '') {
  writeFileSync(join(folder, name), text)
}

function config() {
  const { compilerOptions } = JSON.parse(readFileSync('tsconfig.base.json', 'utf8'))
  const paths = Object.entries(compilerOptions.paths).map(([name, [path]]) => [name, [resolve(path)]])
  return {
    extends: resolve('tsconfig.base.json'),
    compilerOptions: {
      paths: Object.fromEntries(paths),
      typeRoots: [resolve('node_modules/@types')],
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    include: ['.'],
    exclude: ['node_modules'],
  }
}
