import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'tsdown'
import { sourceOf } from '../resolve/entries.mjs'

// Run by each package in its own folder; the entries are the ones that its package.json exports, and its commands.
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json')
const commands = Object.values(manifest.bin ?? {}).map((file) => file.replace(/^\.\/dist\/|\.js$/g, ''))

export default defineConfig({
  cwd: process.cwd(),
  entry: Object.fromEntries([
    ...entries.map((entry) => [entry === '.' ? 'index' : `${entry.slice(2)}/index`, sourceOf(entry)]),
    ...commands.map((command) => [command, `src/${command}.ts`]),
  ]),
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  tsconfig: resolve(import.meta.dirname, '../../tsconfig.build.json'),
  dts: { sourcemap: false },
  sourcemap: true,
  clean: true,
  // Nothing from node_modules may slip into a bundle.
  deps: { neverBundle: [/^node:/], onlyBundle: [] },
  // It warns about TypeScript 7 as such.
  failOnWarn: false,
})
