// `node --import ./tooling/resolve/register.mjs file.ts`: lets a plain Node process (a server that a test
// starts and kills, a benchmark's load process) resolve @syncline/* to the packages' sources, without a build.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { packageEntries } from './entries.mjs'

const sources = new Map(
  packageEntries().map(({ specifier, source }) => [specifier, pathToFileURL(source).href]),
)

registerHooks({
  resolve(specifier, context, next) {
    const source = sources.get(specifier)
    return source ? { url: source, shortCircuit: true } : next(specifier, context)
  },
})
