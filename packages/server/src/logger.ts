/** What a log entry carries: never a payload, never a token. */
export interface LogFields {
  /** The write id: one value from the client's receipt to the hub's log. */
  readonly traceId?: string | undefined
  readonly channel?: string | undefined
  readonly subject?: string | undefined
  readonly session?: string | undefined
  readonly gateway?: string | undefined
  /** The mutation or event. */
  readonly name?: string | undefined
  readonly code?: string | undefined
  /** What was committed of a write. */
  readonly outcome?: 'accepted' | 'rejected' | undefined
  readonly count?: number | undefined
  /** What was thrown by the app's code or the store. */
  readonly error?: unknown
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Where the hub's structured log goes. Pino and its like fit as they are. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** False where nobody reads a level: lines about single writes are then not made. Default: all are read. */
  isLevelEnabled?(level: LogLevel): boolean
}

const ignore = (): void => undefined
/** All but the error: ` code=unauthenticated session=4f…` */
const inLine = ({ error: _, ...fields }: LogFields): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('')
const toConsole =
  (level: 'warn' | 'error') =>
  (fields: LogFields, message: string): void => {
    // biome-ignore lint/suspicious/noConsole: the place where warnings go if the app injects no logger
    console[level](
      `syncline: ${message}${inLine(fields)}`,
      ...(fields.error === undefined ? [] : [fields.error]),
    )
  }

/** The logger of a hub that was given none: warnings and errors to the console, the rest nowhere. */
export const consoleLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: toConsole('warn'),
  error: toConsole('error'),
  isLevelEnabled: (level) => level === 'warn' || level === 'error',
}
