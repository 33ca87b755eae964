import { join } from 'node:path'
import { type ServerOptions, startServer as startDemo } from 'demo-support/e2e'

const app = join(import.meta.dirname, '../..')

/** The built app in a process of its own, with boards of its own. */
export const startServer = (env: ServerOptions['env'] = {}) =>
  startDemo({ app, dataVariable: 'WHITEBOARD_DATA', env })
