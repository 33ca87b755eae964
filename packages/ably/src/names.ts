import { SynclineError } from '@syncline/core'

/** Characters of a channel's name at Ably, its prefix included. */
const LONGEST = 2048

/** Text as Ably takes it in names and client ids: without `*`, `:` and whatever else means something there. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/**
 * The name of a hub channel at Ably: `board/42` stays `board/42`, other characters that mean something in a URL or
 * a capability are percent-encoded. No two channels share a name, and {@link decodeChannel} reads it.
 *
 * @throws SynclineError `invalid-channel` where that is longer than Ably allows, or not Unicode
 */
export const encodeChannel = (prefix: string, channel: string): string => {
  try {
    const name = prefix + encode(channel).replaceAll('%2F', '/')
    if (name.length <= LONGEST) return name
  } catch {
    // Half of a surrogate pair: not Unicode either.
  }
  throw new SynclineError('invalid-channel', {
    detail: `Names at Ably are Unicode, of ${LONGEST} characters at most when encoded.`,
    channel,
  })
}

/** The hub channel behind a name at Ably. */
export const decodeChannel = (prefix: string, name: string): string =>
  decodeURIComponent(name.slice(prefix.length))

/** Whom a subject's tokens are for, and so whose are revoked. Never the gateway's own client id. */
export const clientIdOf = (subject: string): string =>
  `u:${encode(subject.replace(/\p{Surrogate}/gu, '\ufffd'))}`

/** The channel on which one client alone is woken: no hub channel is named like it. */
export const wakeChannel = (prefix: string, wakeId: string): string => `${prefix}$wake:${wakeId}`
