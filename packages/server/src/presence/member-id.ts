import { createHash } from 'node:crypto'

/** 96 bits: enough that no two clients of a channel ever share one. */
const length = 16

/**
 * The id under which others know a client on a channel. The same whatever session or hub process it is on, and it
 * reveals neither the client's id (which names its write streams) nor that it is on another channel too.
 */
export const memberId = (channel: string, subject: string, client: string): string =>
  createHash('sha256').update(`${channel}\0${subject}\0${client}`).digest('base64url').slice(0, length)
