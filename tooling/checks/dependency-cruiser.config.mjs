// The layering of the design as rules; `pnpm lint` runs them through layers.mjs.
import { relative } from 'node:path'
import { packageEntries } from '../resolve/entries.mjs'

const entries = packageEntries().map(({ source }) => relative(process.cwd(), source).replaceAll('\\', '/'))

/** Whoever only tests may look further. */
const tests = String.raw`\.(test|test-d)\.tsx?$|/testing/|^packages/[^/]+/test/`

/** The rooms of core that the flow goes through: each knows only itself and the foundations. */
const stages = 'connection|channel|outbox|view|presence|storage'
const foundations = 'contract|errors|environment|state|protocol|transport'
/** What a stage shows of itself: other stages may know these types. */
const faces = String.raw`packages/core/src/(connection/(connection|token-provider)|channel/channel|outbox/(outbox|receipt)|view/view|presence/presence|storage/client-storage)\.ts$`

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment:
        'Files must not import one another in a circle, not even for types: move what both need to a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment:
        'The import leads nowhere: a missing file, a missing dependency or an entry that is not exported.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(bun|cloudflare):' },
    },
    {
      name: 'no-undeclared-dependency',
      comment: 'What a package uses at run time stands in its own dependencies or peerDependencies.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
      },
    },
    {
      name: 'no-test-in-source',
      comment: 'Sources do not import tests.',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: tests },
      to: { path: String.raw`\.(test|test-d)\.tsx?$|^packages/[^/]+/test/` },
    },
    {
      name: 'packages-meet-at-their-entries',
      comment: 'Another package is imported by its name and a public entry, never by a path into its inside.',
      severity: 'error',
      from: { path: '^(packages|apps|tooling)/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$2/', ...entries.map((entry) => `^${entry}$`)] },
    },
    {
      name: 'core-knows-no-other-package',
      comment: 'Core is below everything else.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: tests },
      to: { path: '^packages/(?!core/)' },
    },
    {
      name: 'core-knows-no-provider',
      comment: 'Core uses rxjs and the Standard Schema types. An SDK belongs to its adapter.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: [tests, '^packages/core/src/indexed-db/'] },
      to: { path: 'node_modules/', pathNot: 'node_modules/(rxjs|@standard-schema/spec)/' },
    },
    {
      name: 'indexed-db-uses-idb',
      comment: 'The IndexedDB entry adds idb to what core uses, and nothing else.',
      severity: 'error',
      from: { path: '^packages/core/src/indexed-db/', pathNot: tests },
      to: { path: 'node_modules/', pathNot: 'node_modules/(rxjs|@standard-schema/spec|idb)/' },
    },
    {
      name: 'stages-are-rooms-with-walls',
      comment: `A stage of core (${stages}) imports itself, ${foundations} and operators; and the types of another's face; only client/ and plain/ join stages.`,
      severity: 'error',
      from: { path: `^packages/core/src/(${stages})/`, pathNot: tests },
      to: {
        path: '^packages/core/src/',
        pathNot: [`^packages/core/src/($1|${foundations}|operators)/`, faces],
      },
    },
    {
      name: 'faces-are-types',
      comment: 'Of another stage only the types of its face may be known, never its code.',
      severity: 'error',
      from: { path: `^packages/core/src/(${stages})/`, pathNot: tests },
      to: {
        path: faces,
        pathNot: '^packages/core/src/$1/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'plain-stands-on-the-connection',
      comment: 'The client of plain servers has no outbox, channels or views.',
      severity: 'error',
      from: { path: '^packages/core/src/plain/', pathNot: tests },
      to: {
        path: '^packages/core/src/',
        pathNot: `^packages/core/src/(plain|connection|${foundations}|operators)/`,
      },
    },
    {
      name: 'plain-comes-with-its-transports',
      comment: 'Who talks to a hub does not load the client of plain servers: core knows its types only.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: [tests, '^packages/core/src/plain/'] },
      to: { path: '^packages/core/src/plain/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'foundations-are-below-stages',
      comment: `What all stages stand on (${foundations}) imports only its like; operators may import it.`,
      severity: 'error',
      from: { path: `^packages/core/src/(${foundations}|operators)/`, pathNot: tests },
      to: { path: '^packages/core/src/', pathNot: `^packages/core/src/($1|${foundations})/` },
    },
    {
      name: 'storage-entries-know-storage-only',
      comment:
        'The IndexedDB and SQLite entries implement the storage seam and bring the keeper for what is durable.',
      severity: 'error',
      from: { path: '^packages/core/src/(indexed-db|sqlite)/', pathNot: tests },
      to: {
        path: '^packages/core/src/',
        pathNot: `^packages/core/src/($1|durable|storage|${foundations}|operators)/`,
      },
    },
    {
      name: 'client-code-runs-in-browsers',
      comment: 'No Node module outside the hub, the SQLite entries and the test kit.',
      severity: 'error',
      from: {
        path: '^packages/(core|socket-io|sse|pusher|ably|react|tanstack-query)/src/',
        pathNot: [tests, '^packages/core/src/sqlite/', '^packages/[^/]+/src/hub/'],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'bindings-know-core-only',
      comment: 'A binding is a hook over subscribe and get; it knows no transport and no hub.',
      severity: 'error',
      from: { path: '^packages/(react|tanstack-query)/src/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/($1|core)/' },
    },
    {
      name: 'adapters-know-core-only',
      comment: 'A transport moves frames; both halves speak the protocol that core defines.',
      severity: 'error',
      from: {
        path: '^packages/(socket-io|sse|pusher|ably)/src/',
        pathNot: [tests, '^packages/[^/]+/src/hub/'],
      },
      to: { path: '^packages/', pathNot: '^packages/($1|core)/' },
    },
    {
      name: 'gateways-know-the-hub-by-type',
      comment:
        'A gateway implements a type of the server package. Only one on HTTP shares code with the uplink.',
      severity: 'error',
      from: { path: '^packages/socket-io/src/hub/', pathNot: tests },
      to: { path: '^packages/server/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'gateways-know-core-and-server-only',
      comment: 'One gateway knows nothing of another.',
      severity: 'error',
      from: { path: '^packages/(socket-io|sse|pusher|ably)/src/hub/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/($1|core|server)/' },
    },
    {
      name: 'server-knows-core-only',
      comment: 'The hub gets its gateways handed in.',
      severity: 'error',
      from: { path: '^packages/server/src/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/(server|core)/' },
    },
    {
      name: 'testing-knows-core-and-server-only',
      comment: 'A suite gets the adapter that it tests handed in.',
      severity: 'error',
      from: { path: '^packages/testing/src/', pathNot: tests },
      to: { path: '^packages/', pathNot: '^packages/(testing|core|server)/' },
    },
    {
      name: 'emulator-stands-alone',
      comment: 'The emulators judge our adapters as the services would: they share no code with them.',
      severity: 'error',
      from: { path: '^packages/emulator/src/' },
      to: { path: '^packages/', pathNot: '^packages/emulator/' },
    },
    {
      name: 'emulators-meet-in-shared',
      comment: 'One emulator knows nothing of the other; what both need is in shared.',
      severity: 'error',
      from: { path: '^packages/emulator/src/(pusher|ably|shared)/' },
      to: { path: '^packages/emulator/src/', pathNot: '^packages/emulator/src/($1|shared)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: String.raw`^(packages|apps|tooling)/[^/]+/(dist|\.next|\.turbo)/` },
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
      mainFields: ['module', 'main', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
}
