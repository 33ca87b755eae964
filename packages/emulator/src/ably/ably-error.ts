/** An error as Ably puts it on the wire: its code says what happened, its status how bad it is. */
export class AblyError extends Error {
  /** One of Ably's codes (`protocol/errors.json` in ably/ably-common). */
  readonly code: number
  readonly statusCode: number

  constructor(code: number, message: string, statusCode = statusOf(code)) {
    super(message)
    this.name = 'AblyError'
    this.code = code
    this.statusCode = statusCode
  }
}

export interface WireError {
  readonly code: number
  readonly statusCode: number
  readonly message: string
  readonly href: string
}

export const toWireError = ({ code, statusCode, message }: AblyError): WireError => ({
  code,
  statusCode,
  message,
  href: `https://help.ably.io/error/${code}`,
})

/** What was thrown, as an Ably error; anything that is not one is a fault of the emulator. */
export const toAblyError = (thrown: unknown): AblyError =>
  thrown instanceof AblyError
    ? thrown
    : new AblyError(50000, `the emulator failed: ${thrown instanceof Error ? thrown.message : thrown}`)

/** 4xxxx and 5xxxx begin with their status; codes of connections and channels are bad requests. */
const statusOf = (code: number) => (code < 60000 ? Math.floor(code / 100) : 400)
