import { SynclineError } from '@syncline/core'

/** Characters of a channel's name at Pusher, its prefix included. */
const LONGEST = 164

/**
 * The name of a hub channel at Pusher, which allows `A-Z a-z 0-9 _ - = @ , . ;` only: `/` becomes `;`, `%` becomes
 * `,`, and any other character `=` and its code (two hex digits, or `=` and four). No two channels share a name.
 *
 * @throws SynclineError `invalid-channel` where that is longer than Pusher allows
 */
export const encodeChannel = (prefix: string, channel: string): string => {
  const name = prefix + channel.replace(/[^\w@.-]/g, encode)
  if (name.length > LONGEST)
    throw new SynclineError('invalid-channel', {
      detail: `At Pusher its name has ${name.length} characters, and ${LONGEST} are allowed.`,
      channel,
    })
  return name
}

const encode = (character: string): string => {
  if (character === '/') return ';'
  if (character === '%') return ','
  const code = character.charCodeAt(0)
  return code < 256 ? `=${hex(code, 2)}` : `==${hex(code, 4)}`
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')
