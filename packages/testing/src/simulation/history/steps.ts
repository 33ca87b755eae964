import type { How } from './app.ts'

/** One thing that happens in a history, `after` so many milliseconds. What cannot be done is left out. */
export type Step = { readonly after: number } & ( // What the app does
  | {
      readonly do: 'mutate'
      readonly tab: number
      readonly channel: string
      readonly how: How
      readonly key?: string
    }
  | { readonly do: 'publish'; readonly tab: number; readonly channel: string; readonly key?: string }
  | { readonly do: 'join' | 'leave'; readonly tab: number; readonly channel: string }
  | {
      readonly do: 'presence'
      readonly tab: number
      readonly list: string
      readonly act: 'enter' | 'update' | 'exit' | 'typing' | 'cursor'
    }
  | { readonly do: 'open' | 'close' | 'retry'; readonly tab: number }
  | { readonly do: 'discard'; readonly tab: number; readonly which: 'parked' | 'pending' }
  | { readonly do: 'sign-out'; readonly tab: number; readonly discardWrites: boolean }
  | { readonly do: 'backend-publish'; readonly channel: string; readonly odd?: true }
  | { readonly do: 'revoke'; readonly person: string; readonly channel?: string }
  | { readonly do: 'earliest'; readonly channel: string }
  // What becomes of a tab
  | { readonly do: 'crash'; readonly tab: number; readonly acts: number; readonly reopenAfter: number }
  | { readonly do: 'sleep'; readonly tab: number; readonly ms: number }
  | { readonly do: 'duplicate'; readonly tab: number; readonly of: number }
  | { readonly do: 'identity'; readonly tab: number; readonly person: string; readonly signsOut: boolean }
  | { readonly do: 'provider'; readonly tab: number; readonly provider: 'direct' | 'lossy' }
  | { readonly do: 'upgrade'; readonly tab: number }
  | { readonly do: 'clock'; readonly tab: number; readonly ms: number }
  | { readonly do: 'offline'; readonly tab: number; readonly ms: number }
  | { readonly do: 'disk'; readonly device: number; readonly trouble: 'full' | 'broken'; readonly ms: number }
  // What becomes of the network
  | { readonly do: 'cut'; readonly tab: number }
  | { readonly do: 'half-open'; readonly tab: number; readonly direction?: 'up' | 'down' }
  | {
      readonly do: 'partition'
      readonly tabs: readonly number[]
      readonly door: 'refusing' | 'void'
      readonly ms: number
    }
  | { readonly do: 'slow-reader'; readonly tab: number; readonly rate: number; readonly ms: number }
  | { readonly do: 'latency'; readonly tab: number; readonly latency: number; readonly ms: number }
  | { readonly do: 'provider-outage'; readonly ms: number }
  | { readonly do: 'sign-in'; readonly trouble: 'down' | 'hangs' | 'stale' | 'other'; readonly ms: number }
  // What becomes of the hub
  | { readonly do: 'hub-crash'; readonly acts: number; readonly downFor: number }
  | { readonly do: 'hub-restart'; readonly version: 1 | 2 }
  | { readonly do: 'hub-rival' }
  | { readonly do: 'hub-clock'; readonly ms: number }
  | { readonly do: 'store-outage'; readonly ms: number }
  | { readonly do: 'store-full'; readonly ms: number }
  | { readonly do: 'unanswered-commit'; readonly commits: number }
  | { readonly do: 'slow-store'; readonly latency: number; readonly ms: number }
  | { readonly do: 'backup' }
  | { readonly do: 'restore' }
  | { readonly do: 'disk-lost' }
)

/** A step as a person reads it. */
export const describeStep = ({ after, do: what, ...rest }: Step): string => {
  const details = Object.entries(rest).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join('+') : value}`,
  )
  return `+${after} ms  ${what}${details.length > 0 ? `: ${details.join(', ')}` : ''}`
}
