import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { SynclineError } from '@syncline/core'
import type Pusher from 'pusher'
import { encodeChannel } from './encode-channel.ts'

/** A person at Pusher: always short and of allowed characters, and it does not tell who it is. */
export const userId = (subject: string): string => createHash('sha256').update(subject).digest('base64url')

/** The channel on which one client alone is woken. No hub channel has a name like it. */
export const wakeChannel = (wakeId: string): string => `private-syncline_wake-${wakeId}`

/** What JSON weighs once the SDK has encrypted it: `{"nonce":…,"ciphertext":…}`, both in base64. */
export const encryptedSize = (json: string): number => 60 + 4 * Math.ceil((Buffer.byteLength(json) + 16) / 3)

/** @throws SynclineError `malformed-frame` for what is no socket id of Pusher's */
export const socketOf = (value: unknown): string => {
  if (typeof value === 'string' && /^\d+\.\d+$/.test(value)) return value
  throw new SynclineError('malformed-frame', { detail: 'That is no socket id.' })
}

/** @throws SynclineError `malformed-frame` for what is no list */
export const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value
  throw new SynclineError('malformed-frame', { detail: 'Channels are named in an array.' })
}

/**
 * The SDK tells that it lacks a master key only when it must sign.
 *
 * @throws SynclineError `provider-refused`
 */
export const checkEncryption = (pusher: Pusher, prefix: string): void => {
  try {
    pusher.authorizeChannel('1.1', encodeChannel(prefix, 'a'))
  } catch (cause) {
    throw new SynclineError('provider-refused', {
      detail: 'Encrypted channels need encryptionMasterKeyBase64 on the SDK',
      cause,
    })
  }
}
