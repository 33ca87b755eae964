import { type ServerOptions, useStage as useDemoStage } from 'demo-support/e2e'
import { startServer } from './server.ts'
import { openWindow, type Provider, providers } from './window.ts'

const people: Readonly<Record<Provider, string>> = {
  'socket-io': 'Ada',
  sse: 'Grace',
  pusher: 'Radia',
  ably: 'Hedy',
}

/** For each test a fresh server with empty boards, and browser profiles that are closed afterwards. */
export const useStage = (env: () => ServerOptions['env'] = () => ({})) => {
  const stage = useDemoStage(() => startServer(env()))
  const open = async (provider: Provider, person = people[provider]) =>
    openWindow(await stage.profile(), { url: stage.server.url, provider, person })
  return Object.assign(stage, {
    /** One person on a provider, in a profile of their own. */
    open,
    /** One window on each provider. */
    openAll: () => Promise.all((Object.keys(providers) as Provider[]).map((provider) => open(provider))),
  })
}
