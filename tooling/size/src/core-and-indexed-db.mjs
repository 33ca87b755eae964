// What an app that stores its writes in the browser loads; measured by size-limit.
// biome-ignore lint/performance/noReExportAll: everything counts
export * from '@syncline/core'
// biome-ignore lint/performance/noReExportAll: everything counts
export * from '@syncline/core/indexed-db'
