import { fileURLToPath } from 'node:url'

/** Names the service worker's cache, so that each build keeps its own pages and scripts. */
process.env.WHITEBOARD_BUILD ??= Date.now().toString(36)

/** @type {import('next').NextConfig} */
export default {
  transpilePackages: ['demo-support'],
  env: { BUILD: process.env.WHITEBOARD_BUILD },
  // `pnpm typecheck` does it, for the whole workspace.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
  poweredByHeader: false,
  devIndicators: false,
}
