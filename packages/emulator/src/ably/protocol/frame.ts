import type { WireError } from '../ably-error.ts'
import type { Item } from './item.ts'

/** Ably's protocol actions (TR2 of its feature spec). */
export const ACTION = {
  heartbeat: 0,
  ack: 1,
  nack: 2,
  connected: 4,
  disconnect: 5,
  disconnected: 6,
  close: 7,
  closed: 8,
  error: 9,
  attach: 10,
  attached: 11,
  detach: 12,
  detached: 13,
  presence: 14,
  message: 15,
  sync: 16,
  auth: 17,
  object: 19,
  annotation: 21,
} as const

/** Flags of ATTACH and ATTACHED (TR3). */
export const FLAG = { hasPresence: 1, hasBacklog: 2, resumed: 4 } as const

/** What an attachment may be used for: the mode bits of the same flags. */
export const MODE = {
  presence: 1 << 16,
  publish: 1 << 17,
  subscribe: 1 << 18,
  presenceSubscribe: 1 << 19,
} as const

export const ALL_MODES = MODE.presence | MODE.publish | MODE.subscribe | MODE.presenceSubscribe

/** What the server sends. */
export interface Frame {
  readonly action: number
  readonly id?: string
  readonly channel?: string
  readonly channelSerial?: string
  readonly connectionId?: string
  readonly connectionDetails?: Readonly<Record<string, unknown>>
  readonly msgSerial?: number
  readonly count?: number
  readonly flags?: number
  readonly params?: Readonly<Record<string, string>>
  readonly timestamp?: number
  readonly messages?: readonly Item[]
  readonly presence?: readonly Item[]
  readonly res?: readonly { readonly serials: readonly string[] }[]
  readonly error?: WireError
}

/** What a client sent, before anything but its outer shape is known. */
export interface ClientFrame {
  readonly action: number
  readonly id: string | undefined
  readonly channel: string | undefined
  readonly channelSerial: string | undefined
  readonly msgSerial: number | undefined
  readonly flags: number
  readonly params: Readonly<Record<string, unknown>>
  readonly messages: unknown
  readonly presence: unknown
  readonly accessToken: unknown
}
