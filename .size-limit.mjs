import { fileURLToPath } from 'node:url'

// `pnpm size`, after a build: what a browser loads of each client package, minified and gzipped.

/**
 * @param {string} name
 * @param {string} path
 * @param {string} limit
 * @param {string[]} [ignore] what the app has anyway
 * @param {import('esbuild').Plugin[]} [plugins]
 */
const budget = (name, path, limit, ignore = [], plugins = undefined) => ({
  name,
  path,
  import: '*',
  limit,
  ignore,
  gzip: true,
  modifyEsbuildConfig: (/** @type {object} */ config) => ({
    ...config,
    // Without this, esbuild would follow the paths to source in our tsconfig.json.
    tsconfigRaw: '{}',
    // Left out, esbuild adds shims for what is ignored, which bundlers of apps do not.
    ...(plugins && { plugins, format: 'esm' }),
  }),
})

/**
 * The uplink counts, though it is an entry of core: only apps on Pusher or Ably load it. What it shares with core does
 * not.
 *
 * @type {import('esbuild').Plugin}
 */
const uplink = {
  name: 'uplink',
  setup: (build) => {
    build.onResolve({ filter: /^@syncline\/core\/uplink$/ }, () => ({
      path: fileURLToPath(new URL('packages/core/dist/uplink/index.js', import.meta.url)),
    }))
    build.onResolve({ filter: /syncline-error|decode-hub-frame/ }, () => ({
      path: '@syncline/core',
      external: true,
    }))
  },
}

/** What an app on Socket.IO has anyway. */
const onSocketIo = ['socket.io-client', '@syncline/core', 'rxjs']

/** What an app on Pusher has anyway. */
const onPusher = ['pusher-js', '@syncline/core', 'rxjs']

/** What an app on Ably has anyway. */
const onAbly = ['ably', '@syncline/core', 'rxjs']

// The first two are ceilings against growth, not the aims: those are 16 and 18 kB, and `pnpm bench size` says
// how far they are missed. What each part weighs, and what reaching them would cost: tooling/bench/README.md.
export default [
  budget('@syncline/core, rxjs included', 'packages/core/dist/index.js', '26.5 kB'),
  budget('@syncline/core + @syncline/sse, rxjs included', 'tooling/size/src/core-and-sse.mjs', '29.3 kB'),
  budget('@syncline/socket-io', 'packages/socket-io/dist/index.js', '1.2 kB', onSocketIo),
  budget('@syncline/sse', 'packages/sse/dist/index.js', '2.8 kB', ['@syncline/core', 'rxjs']),
  budget('@syncline/react', 'packages/react/dist/index.js', '2 kB', ['react', '@syncline/core', 'rxjs']),
  budget('@syncline/tanstack-query', 'packages/tanstack-query/dist/index.js', '2 kB', [
    '@tanstack/query-core',
    '@syncline/core',
    'rxjs',
  ]),
  budget('@syncline/pusher', 'packages/pusher/dist/index.js', '2 kB', onPusher, []),
  budget('@syncline/pusher + the uplink', 'packages/pusher/dist/index.js', '3.5 kB', onPusher, [uplink]),
  budget('@syncline/ably', 'packages/ably/dist/index.js', '2 kB', onAbly, []),
  budget('@syncline/ably/modular', 'packages/ably/dist/modular/index.js', '2 kB', onAbly, []),
  budget('@syncline/ably + the uplink', 'packages/ably/dist/index.js', '3.5 kB', onAbly, [uplink]),
  // Other entries that browsers load. The bounds are just above what was measured: a dependency that slips in shows.
  budget(
    '@syncline/core + its IndexedDB, rxjs included',
    'tooling/size/src/core-and-indexed-db.mjs',
    '33 kB',
  ),
  budget('@syncline/core/presence', 'packages/core/dist/presence/index.js', '7.5 kB', ['rxjs']),
  budget('@syncline/core/operators, rxjs included', 'packages/core/dist/operators/index.js', '8.2 kB'),
  // With all that they use of core and rxjs: the client of plain servers is loaded with them only.
  budget('@syncline/socket-io/plain, core included', 'packages/socket-io/dist/plain/index.js', '8.3 kB', [
    'socket.io-client',
  ]),
  budget('@syncline/sse/plain, core included', 'packages/sse/dist/plain/index.js', '9.8 kB'),
  budget('@syncline/pusher/plain, core included', 'packages/pusher/dist/plain/index.js', '9.3 kB', [
    'pusher-js',
  ]),
  budget('@syncline/ably/plain, core included', 'packages/ably/dist/plain/index.js', '9.3 kB', ['ably']),
]
