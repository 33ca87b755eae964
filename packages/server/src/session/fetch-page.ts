import type { FetchFrame } from '@syncline/core/protocol'
import { mayReadAfter } from '../channel/access.ts'
import { pageFrameJson } from '../fan-out/frame-json.ts'
import { outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { Requester } from './requester.ts'
import type { SessionContext } from './session-context.ts'
import { storeFailure } from './store-failure.ts'

const gonePage = { messages: [], gone: true }

/** Answers `fetch` with one page of what follows a position. */
export const fetchPage = async (
  context: SessionContext,
  requester: Requester,
  { channel, after, limit }: FetchFrame,
): Promise<void> => {
  const access = await context.registry.authorize(requester.user, channel)
  if (!access.ok) return requester.refuse(channel, access.error)
  const live = context.channels.use(channel)
  try {
    await live.loading
    const { pageMessages } = context.limits
    const page = mayReadAfter(after, live.head, access.since)
      ? await context.log.pageAfter(live, after, Math.min(limit ?? pageMessages, pageMessages))
      : gonePage
    await requester.whenRoom(() => {
      const { head } = live
      const more = !page.gone && after.seq + page.messages.length < head.seq
      requester.send(outgoingJson(pageFrameJson({ channel, after, head, more, ...page })))
    })
  } catch (error) {
    requester.complain(storeFailure(context, channel, error), channel)
  } finally {
    context.channels.released(live)
  }
}
