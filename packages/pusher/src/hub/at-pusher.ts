import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { SynclineError } from '@syncline/core'
import type Pusher from 'pusher'
import { encodeChannel } from '../channel-name.ts'

/** A person at Pusher: always short and of allowed characters, and it does not tell who it is. */
export const userId = (subject: string): string => createHash('sha256').update(subject).digest('base64url')

/** The channel's name at Pusher; undefined where it cannot have one. */
export const nameAtPusher = (prefix: string, channel: string): string | undefined => {
  try {
    return encodeChannel(prefix, channel)
  } catch {
    return undefined
  }
}

/** What JSON weighs once the SDK has encrypted it: `{"nonce":…,"ciphertext":…}`, both in base64. */
export const encryptedSize = (json: string): number => 60 + 4 * Math.ceil((Buffer.byteLength(json) + 16) / 3)

/** @throws SynclineError `malformed-frame` for what is no socket id of Pusher's */
export const socketOf = (value: unknown): string => {
  if (typeof value === 'string' && /^\d+\.\d+$/.test(value)) return value
  throw new SynclineError('malformed-frame', { detail: 'That is no socket id.' })
}

/** @throws SynclineError `malformed-frame` for what are no names */
export const namesOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value
  throw new SynclineError('malformed-frame', { detail: 'Channels are named in an array.' })
}

/**
 * The SDK tells that it lacks a master key only when it must sign.
 *
 * @throws SynclineError `provider-refused`
 */
export const checkEncryption = (pusher: Pusher, prefix: string): void => {
  try {
    pusher.authorizeChannel('1.1', `${prefix}a`)
  } catch (cause) {
    throw new SynclineError('provider-refused', {
      detail: 'Encrypted channels need encryptionMasterKeyBase64 on the SDK',
      cause,
    })
  }
}
