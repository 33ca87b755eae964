/** The providers that are measured. */
export type Provider = 'socket-io' | 'sse'
export const providers: readonly Provider[] = ['socket-io', 'sse']

/** The baseline's server script. */
export const baselineServer: Readonly<Record<Provider, string>> = {
  'socket-io': 'servers/socket-io-server.ts',
  sse: 'servers/event-stream-server.ts',
}
