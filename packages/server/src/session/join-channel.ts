import { SynclineError, toWireError } from '@syncline/core'
import type { Anchor, JoinFrame } from '@syncline/core/protocol'
import { type Access, mayReadAfter } from '../channel/access.ts'
import type { LiveChannel } from '../channel/live-channel.ts'
import { joinedFrameJson } from '../fan-out/frame-json.ts'
import { outgoingFrame, outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { SnapshotRead } from '../snapshot/snapshot-read.ts'
import type { StoredMessage } from '../store/hub-store.ts'
import type { Requester } from './requester.ts'
import type { SessionContext } from './session-context.ts'
import { storeFailure } from './store-failure.ts'

type Granted = Access & { readonly ok: true }

/** Where the channel goes on. Without a `start` at the head of the moment of the answer. */
interface Continuation {
  readonly start?: Anchor
  readonly messages: readonly StoredMessage[]
  readonly gone: boolean
  readonly snapshot?: SnapshotRead | SynclineError
}

const none: readonly StoredMessage[] = []

const fromSnapshot = async (
  context: SessionContext,
  requester: Requester,
  live: LiveChannel,
  access: Granted,
  gone: boolean,
): Promise<Continuation> => {
  try {
    const snapshot = await context.snapshots.read(live, requester.user, access)
    await context.streams.ready(requester.user.id, requester.client, live.name)
    const page = await context.log.pageAfter(live, snapshot.position, context.limits.pageMessages)
    return { start: snapshot.position, messages: page.messages, gone, snapshot }
  } catch (error) {
    if (error instanceof SynclineError && error.code === 'snapshot-failed')
      return { messages: none, gone, snapshot: error }
    throw error
  }
}

const continuation = async (
  context: SessionContext,
  requester: Requester,
  live: LiveChannel,
  access: Granted,
  { at, snapshot }: JoinFrame,
): Promise<Continuation> => {
  if (at && mayReadAfter(at, live.head, access.since)) {
    const page = await context.log.pageAfter(live, at, context.limits.pageMessages)
    if (!page.gone) return { start: at, messages: page.messages, gone: false }
  }
  const gone = at !== undefined
  if (snapshot && access.served.snapshot) return fromSnapshot(context, requester, live, access, gone)
  return { messages: none, gone }
}

/** What was committed while the page was read, as far as it fits: so that the answer reaches the head. */
const upToNow = (
  { limits }: SessionContext,
  { head, recent }: LiveChannel,
  start: Anchor,
  messages: readonly StoredMessage[],
): readonly StoredMessage[] => {
  const through = start.seq + messages.length
  if (through >= head.seq || messages.length >= limits.pageMessages || !recent.covers(through))
    return messages
  const missed = recent.after(through, limits.pageMessages - messages.length, limits.pageBytes)
  return messages.length === 0 ? missed : [...messages, ...missed]
}

const writesWithin = (
  { streams }: SessionContext,
  { user, client }: Requester,
  channel: string,
  at: Anchor,
) => streams.writesWithin(user.id, client, channel, at)

/** The answer, and the subscription from just there on: in one step, so that nothing falls between. */
const answer = (
  context: SessionContext,
  requester: Requester,
  live: LiveChannel,
  found: Continuation,
): string => {
  const { head, name } = live
  const usable = found.start?.epoch === head.epoch ? found.start : undefined
  const start = usable ?? head
  const messages = upToNow(context, live, start, usable ? found.messages : none)
  const gone = found.gone || (found.start !== undefined && !usable)
  const more = start.seq + messages.length < head.seq
  const state = usable && found.snapshot && 'state' in found.snapshot ? found.snapshot.state : undefined
  const snapshot =
    state === undefined ? undefined : { state, writes: writesWithin(context, requester, name, start) }
  return joinedFrameJson({ channel: name, start, head, messages, more, gone, snapshot })
}

const sendSnapshotError = (requester: Requester, { name, head }: LiveChannel, error: SynclineError): void => {
  const { epoch, seq, id } = head
  requester.send(
    outgoingFrame({
      type: 'snapshot',
      channel: name,
      position: { epoch, seq, id },
      error: toWireError(error),
    }),
  )
}

/** Joins a channel, or resumes it: authorised anew each time. */
export const joinChannel = async (
  context: SessionContext,
  requester: Requester,
  frame: JoinFrame,
): Promise<void> => {
  const { channel } = frame
  const membership = requester.enter(channel)
  if (!membership) return requester.refuse(channel, new SynclineError('too-many-channels', { channel }))
  const access = await context.registry.authorize(requester.user, channel)
  if (!requester.holds(membership)) return
  if (!access.ok) return requester.refuse(channel, access.error)
  const live = context.channels.use(channel)
  const reads = frame.snapshot === true && access.served.snapshot !== undefined
  if (reads) await requester.snapshots.take()
  try {
    await live.loading
    const found = await continuation(context, requester, live, access, frame)
    await requester.whenRoom(() => {
      if (!requester.holds(membership)) return
      requester.send(outgoingJson(answer(context, requester, live, found)))
      requester.attach(membership, live, live.head.seq)
      if (found.snapshot instanceof SynclineError) sendSnapshotError(requester, live, found.snapshot)
    })
  } catch (error) {
    if (requester.holds(membership)) requester.refuse(channel, storeFailure(context, channel, error))
  } finally {
    if (reads) requester.snapshots.give()
    context.channels.released(live)
  }
}
