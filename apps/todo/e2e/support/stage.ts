import { type ServerOptions, useStage as useDemoStage } from 'demo-support/e2e'
import { startServer } from './server.ts'

/** For each test a fresh server with an empty list, and browser profiles that are closed afterwards. */
export const useStage = (env: ServerOptions['env'] = {}) => useDemoStage(() => startServer(env))
