import { parseArgs } from 'node:util'

/** What `syncline-emulator` was asked to do. */
export type Command =
  | { readonly do: 'help' }
  | { readonly do: 'version' }
  | { readonly do: 'refuse'; readonly problem: string }
  | { readonly do: 'start'; readonly settings: Settings }

export interface Settings {
  readonly host: string
  /** undefined where it is not wanted. */
  readonly pusher: PusherSettings | undefined
  readonly ably: { readonly port: number; readonly key: string } | undefined
}

interface PusherSettings {
  readonly port: number
  readonly appId: string
  readonly key: string
  readonly secret: string
  readonly webhooks: string | undefined
}

export const HELP = `Usage: syncline-emulator [options]

Starts local servers that speak Pusher's and Ably's protocols to their SDKs.

  --only <pusher|ably>     start one of them
  --host <address>         where to listen (127.0.0.1: this machine only)
  --pusher-port <port>     6001; 0 takes a free one
  --pusher-app-id <id>     app
  --pusher-key <key>       key
  --pusher-secret <secret> secret
  --pusher-webhooks <url>  post Pusher's webhooks there
  --ably-port <port>       6002; 0 takes a free one
  --ably-key <key>         emulator.key:secret
  --help, --version
`

const text = (value: string) => ({ type: 'string', default: value }) as const

const options = {
  only: { type: 'string' },
  host: text('127.0.0.1'),
  'pusher-port': text('6001'),
  'pusher-app-id': text('app'),
  'pusher-key': text('key'),
  'pusher-secret': text('secret'),
  'pusher-webhooks': { type: 'string' },
  'ably-port': text('6002'),
  'ably-key': text('emulator.key:secret'),
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

/** @param args the command line without node and the script */
export const readCommand = (args: readonly string[]): Command => {
  const parsed = parse(args)
  if ('problem' in parsed) return { do: 'refuse', problem: parsed.problem }
  const { values } = parsed
  if (values.help) return { do: 'help' }
  if (values.version) return { do: 'version' }
  const problem = check(values)
  if (problem) return { do: 'refuse', problem }
  const pusher: PusherSettings = {
    port: Number(values['pusher-port']),
    appId: values['pusher-app-id'],
    key: values['pusher-key'],
    secret: values['pusher-secret'],
    webhooks: values['pusher-webhooks'],
  }
  const ably = { port: Number(values['ably-port']), key: values['ably-key'] }
  const { host, only } = values
  return {
    do: 'start',
    settings: {
      host,
      pusher: only === 'ably' ? undefined : pusher,
      ably: only === 'pusher' ? undefined : ably,
    },
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options })
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

type Values = Exclude<ReturnType<typeof parse>, { problem: string }>['values']

const check = (values: Values): string | undefined => {
  const { only, 'pusher-webhooks': webhooks } = values
  if (only !== undefined && only !== 'pusher' && only !== 'ably') return '--only takes pusher or ably.'
  for (const name of ['pusher-port', 'ably-port'] as const)
    if (!/^\d{1,5}$/.test(values[name]) || Number(values[name]) > 65_535)
      return `--${name} takes a port from 0 to 65535.`
  if (webhooks !== undefined && !/^https?:\/\/./.test(webhooks)) return '--pusher-webhooks takes a URL.'
  return undefined
}
