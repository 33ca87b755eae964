// What an app on SSE loads; measured by size-limit.
// biome-ignore lint/performance/noReExportAll: everything counts
export * from '../../packages/core/dist/index.js'
// biome-ignore lint/performance/noReExportAll: everything counts
export * from '../../packages/sse/dist/index.js'
