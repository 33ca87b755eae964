import type { HeadsRequestFrame } from '@syncline/core/protocol'
import type { LiveChannel } from '../channel/live-channel.ts'
import { headsFrameJson } from '../fan-out/frame-json.ts'
import { outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { Requester } from './requester.ts'
import type { SessionContext } from './session-context.ts'
import { storeFailure } from './store-failure.ts'

/** Answers `heads`; channels that this one may not see are left out and refused. */
export const sendHeads = async (
  context: SessionContext,
  requester: Requester,
  { channels }: HeadsRequestFrame,
): Promise<void> => {
  const found: LiveChannel[] = []
  for (const channel of new Set(channels)) {
    const access = await context.registry.authorize(requester.user, channel)
    if (!access.ok) {
      requester.refuse(channel, access.error)
      continue
    }
    const live = context.channels.get(channel)
    try {
      await live.loading
      found.push(live)
    } catch (error) {
      requester.complain(storeFailure(context, channel, error), channel)
    }
  }
  requester.send(outgoingJson(headsFrameJson(found, (channel) => requester.revision(channel))))
}
