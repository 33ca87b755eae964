/** ASCII that means something in a name, a capability or a client id at Ably, and halves of surrogate pairs. */
const SPECIAL = /[\0-,:-?[-^`{-\x7f]|\p{Surrogate}/gu

const encode = (text: string): string =>
  text.replace(SPECIAL, (character) => {
    const code = character.charCodeAt(0).toString(16)
    return code.length > 2 ? `%u${code}` : `%${code.padStart(2, '0')}`
  })

/**
 * The name of a hub channel at Ably: `board/42` stays `board/42`, characters that mean something there become `%`
 * and their code. No two channels share a name, and {@link decodeChannel} reads it. However long a name the hub
 * takes (256 characters), Ably takes it too (2,048).
 */
export const encodeChannel = (prefix: string, channel: string): string => prefix + encode(channel)

/** The hub channel behind a name at Ably. */
export const decodeChannel = (prefix: string, name: string): string =>
  name
    .slice(prefix.length)
    .replace(/%u(.{4})|%(..)/g, (_, long?: string, short?: string) =>
      String.fromCharCode(Number.parseInt(long ?? short ?? '', 16)),
    )

/** Whom a subject's tokens are for, and so whose are revoked. Never the gateway's own client id. */
export const clientIdOf = (subject: string): string => `u:${encode(subject)}`

/** The channel on which one client alone is woken: no hub channel is named like it. */
export const wakeChannel = (prefix: string, wakeId: string): string => `${prefix}$wake:${wakeId}`
