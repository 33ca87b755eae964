/** An event as it goes to clients; `data` is JSON text, as Pusher sends it. */
export const eventFrame = (event: string, data: unknown, channel?: string): string =>
  JSON.stringify({ event, ...(channel !== undefined && { channel }), data: asText(data) })

const asText = (data: unknown): string => (typeof data === 'string' ? data : JSON.stringify(data))

/**
 * `pusher:error`, whose data is an object and no text.
 *
 * @param code null where the documentation has none
 */
export const errorFrame = (code: number | null, message: string): string =>
  JSON.stringify({ event: 'pusher:error', data: { code, message } })

/** What a client sent. */
export interface ClientMessage {
  readonly event: string
  readonly channel: string | undefined
  readonly data: unknown
}

/** @returns undefined for what is no JSON object with an `event` */
export const parseMessage = (text: string): ClientMessage | undefined => {
  const message = parseObject(text)
  if (!message || typeof message.event !== 'string') return undefined
  const { event, channel, data } = message
  return { event, channel: typeof channel === 'string' ? channel : undefined, data }
}

/** An object, or the JSON text of one; undefined for anything else. */
export const parseObject = (value: unknown): Record<string, unknown> | undefined => {
  let parsed = value
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value)
    } catch {
      return undefined
    }
  }
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    ? (parsed as Record<string, unknown>)
    : undefined
}
