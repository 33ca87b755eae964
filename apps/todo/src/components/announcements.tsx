import { useConnection, useOutbox } from '@syncline/react'
import { describeStatus } from '../client/describe-status.ts'
import { describeReason } from '../client/describe-write.ts'
import { type Provider, providers } from '../client/providers.ts'

/** What a screen reader says by itself: each turn of the connection and each refusal, never a countdown. */
export function Announcements({ provider }: { readonly provider: Provider }) {
  const status = useConnection()
  const { parked } = useOutbox()
  const newest = parked.at(-1)
  return (
    <div className="visually-hidden">
      <p role="status">
        {status.at === 'reconnecting'
          ? 'Connection lost. Changes stay in this browser.'
          : describeStatus(status, providers[provider].name, undefined).text}
      </p>
      <p role="status">{newest && `Not saved: ${describeReason(newest)}`}</p>
    </div>
  )
}
