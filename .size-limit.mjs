// `pnpm size`, after a build: what a browser loads of each client package, minified and gzipped.

/**
 * @param {string} name
 * @param {string} path
 * @param {string} limit
 * @param {string[]} [ignore] what the app has anyway
 */
const budget = (name, path, limit, ignore = []) => ({
  name,
  path,
  import: '*',
  limit,
  ignore,
  gzip: true,
  // Without this, esbuild would follow the paths to source in our tsconfig.json.
  modifyEsbuildConfig: (/** @type {object} */ config) => ({ ...config, tsconfigRaw: '{}' }),
})

// The first two are ceilings against growth, not the aims: those are 16 and 18 kB, and `pnpm bench size` says
// how far they are missed. What each part weighs, and what reaching them would cost: tooling/bench/README.md.
export default [
  budget('@syncline/core, rxjs included', 'packages/core/dist/index.js', '26.5 kB'),
  budget('@syncline/core + @syncline/sse, rxjs included', 'tooling/size/src/core-and-sse.mjs', '29.5 kB'),
  budget('@syncline/react', 'packages/react/dist/index.js', '2 kB', ['react', '@syncline/core', 'rxjs']),
  budget('@syncline/tanstack-query', 'packages/tanstack-query/dist/index.js', '2 kB', [
    '@tanstack/query-core',
    '@syncline/core',
    'rxjs',
  ]),
]
