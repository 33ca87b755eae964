// Part of `pnpm typecheck`: what the compiler says of a misspelt event is what its author needs to read.
// `@ts-expect-error` in the type tests takes any error.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const misspelt = `import { defineChannel, type } from '@syncline/core'
defineChannel('todos', {
  events: { 'todo:created': type<string>(), 'todo:deleted': type<string>() },
  publish: ['todo:craeted'],
})
`
const expected = `error TS2820: Type '"todo:craeted"' is not assignable to type '"todo:created" | "todo:deleted"'. Did you mean '"todo:created"'?`

const folder = 'node_modules/.cache/syncline-type-errors'
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
writeFileSync(join(folder, 'misspelt.ts'), misspelt)
const config = { extends: resolve('tsconfig.base.json'), include: ['.'] }
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))

const { stdout } = spawnSync('tsc', ['--pretty', 'false', '-p', folder], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
})
const said = stdout.trim().replace(/^.*misspelt\.ts\(4,13\): /, '')
if (said !== expected) {
  process.stdout.write(`A misspelt event should be told as\n  ${expected}\nbut is told as\n  ${said}\n`)
  process.exitCode = 1
}
