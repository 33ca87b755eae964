// What an app on SSE loads; measured by size-limit.
// biome-ignore lint/performance/noReExportAll: everything counts
export * from '@syncline/core'
// biome-ignore lint/performance/noReExportAll: everything counts
export * from '@syncline/sse'
