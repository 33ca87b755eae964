import { createUplinkSessions, type Gateway } from '@syncline/server'
import type { ToyProvider } from './toy-provider.ts'

export const toyGateway = (provider: ToyProvider): Gateway => {
  const uplink = createUplinkSessions({
    name: 'toy',
    wake: ({ wakeId }) => provider.publish(`wake-${wakeId}`, 'wake'),
    provided: () => ({ prefix: '' }),
    actions: {
      allow: async (session, { connection, channel }) => {
        const { subject } = await session.grant(String(channel))
        provider.allow(String(connection), subject, String(channel))
        return { allowed: true }
      },
    },
  })
  return {
    name: 'toy',
    routes: uplink.routes,
    start: uplink.start,
    stop: uplink.stop,
    publish: (channel, { frame }) => provider.publish(channel, frame),
    revoke: async (subject, channel) => provider.revoke(subject, channel),
  }
}
