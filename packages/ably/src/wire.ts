import type { MessagesFrame, WireMessage } from '@syncline/core/protocol'
import type { InboundMessage, TokenDetails } from 'ably'

/** The name of what the gateway publishes beside hub messages; told apart by its headers, not by the name. */
export const FRAME_NAME = 'syncline:frame'

/** What the gateway tells its transport with the welcome. */
export interface Provided {
  /** The channel on which this client is woken. */
  readonly wake: string
  /** The client id with which the gateway publishes. Tokens of clients never bear it. */
  readonly hub: string
}

/** What `POST …/token` answers. */
export interface TokenAnswer {
  readonly token: TokenDetails
  /** Those of the channels asked for that the session may hear, and their names at Ably. */
  readonly granted: readonly (readonly [channel: string, name: string])[]
}

/** A message's `extras.headers`, which must be flat. One with `frame` is no hub message: its data is the frame. */
export type Headers =
  | {
      readonly frame?: never
      readonly epoch: string
      readonly seq: number
      readonly id: string
      readonly timestamp: number
      /** The id of the message before it, '' for none. */
      readonly after?: string
      readonly writeId?: string
      readonly more?: 1
    }
  | { readonly frame: 1 }

type Growing = Omit<MessagesFrame, 'messages'> & { readonly messages: WireMessage[] }

/**
 * Puts a message of the gateway to the frames that are handed on together: a hub message to the last frame where it
 * says that it follows there. What has no headers is left out; whether the rest is well-formed is for core to say.
 */
export const addMessage = (
  frames: unknown[],
  channel: string,
  { name, data, extras }: InboundMessage,
): void => {
  const headers = extras?.headers as Headers | undefined
  if (!headers) return
  if (headers.frame) {
    frames.push(data)
    return
  }
  const { seq, id, timestamp, epoch, after, writeId, more } = headers
  const message = [seq, id, timestamp, name, data, writeId, more] as unknown as WireMessage
  const last = frames.at(-1) as Growing | undefined
  // No two messages have one id, on whatever channel.
  if (after && last?.messages?.at?.(-1)?.[1] === after && last.epoch === epoch) last.messages.push(message)
  else frames.push({ type: 'messages', channel, epoch, after, messages: [message] } as Growing)
}
