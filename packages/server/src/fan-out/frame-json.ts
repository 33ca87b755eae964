import type { Anchor } from '@syncline/core'
import type { Revision } from '@syncline/core/protocol'
import type { StoredMessage } from '../store/hub-store.ts'

/** The JSON of an array of messages, joined from their own JSON. */
export const messagesJson = (messages: readonly StoredMessage[]): string => {
  let json = '['
  for (let index = 0; index < messages.length; index++)
    json += index === 0 ? messages[0]?.json : `,${messages[index]?.json}`
  return `${json}]`
}

export const anchorJson = ({ epoch, seq, id }: Anchor): string =>
  `{"epoch":${JSON.stringify(epoch)},"seq":${seq},"id":${JSON.stringify(id)}}`

/** A `messages` frame; `head` where it is beyond the last of the messages, `after` where the one before them is told. */
export const messagesFrameJson = (
  channel: string,
  epoch: string,
  messages: readonly StoredMessage[],
  head: Anchor | undefined,
  after?: string,
): string =>
  `{"type":"messages","channel":${JSON.stringify(channel)},"epoch":${JSON.stringify(epoch)},"messages":${messagesJson(messages)}${after === undefined ? '' : `,"after":${JSON.stringify(after)}`}${head ? `,"head":${anchorJson(head)}` : ''}}`

export interface SnapshotJson {
  /** The state as JSON. */
  readonly state: string
  /** The writes of the client that are in it. */
  readonly writes: readonly string[]
}

const bodyJson = ({ state, writes }: SnapshotJson): string =>
  `"state":${state}${writes.length > 0 ? `,"writes":${JSON.stringify(writes)}` : ''}`

export interface Joined {
  readonly channel: string
  readonly start: Anchor
  readonly head: Anchor
  readonly messages: readonly StoredMessage[]
  readonly more: boolean
  readonly gone: boolean
  readonly snapshot: SnapshotJson | undefined
}

export const joinedFrameJson = (joined: Joined): string =>
  `{"type":"joined","channel":${JSON.stringify(joined.channel)},"start":${anchorJson(joined.start)},"head":${anchorJson(joined.head)},"messages":${messagesJson(joined.messages)},"more":${joined.more}${joined.gone ? ',"gone":true' : ''}${joined.snapshot ? `,"snapshot":{${bodyJson(joined.snapshot)}}` : ''}}`

export interface Page {
  readonly channel: string
  readonly after: Anchor
  readonly messages: readonly StoredMessage[]
  readonly head: Anchor
  readonly more: boolean
  readonly gone: boolean
}

export const pageFrameJson = (page: Page): string =>
  `{"type":"page","channel":${JSON.stringify(page.channel)},"after":${anchorJson(page.after)},"messages":${messagesJson(page.messages)},"head":${anchorJson(page.head)},"more":${page.more}${page.gone ? ',"gone":true' : ''}}`

export const snapshotFrameJson = (channel: string, position: Anchor, body: SnapshotJson): string =>
  `{"type":"snapshot","channel":${JSON.stringify(channel)},"position":${anchorJson(position)},${bodyJson(body)}}`

/** The heads of some channels, for the heartbeat; with the revision of their presence where anybody watches. */
export const headsFrameJson = (
  channels: Iterable<{ readonly name: string; readonly head: Anchor }>,
  revisionOf: (channel: string) => Revision | undefined = () => undefined,
): string => {
  let heads = ''
  for (const { name, head } of channels) {
    const revision = revisionOf(name)
    heads += `${heads === '' ? '' : ','}[${JSON.stringify(name)},${anchorJson(head)}${revision ? `,${JSON.stringify(revision)}` : ''}]`
  }
  return `{"type":"heads","heads":[${heads}]}`
}
