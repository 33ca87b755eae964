import { useConnection, useOutbox } from '@syncline/react'
import { describeStatus } from 'demo-support/client'

/** What a screen reader says by itself: each turn of the connection and what was not saved, never a countdown. */
export function Announcements({ provider }: { readonly provider: string }) {
  const status = useConnection()
  const { parked } = useOutbox()
  return (
    <div className="visually-hidden">
      <p role="status">
        {status.at === 'reconnecting'
          ? 'Connection lost. Changes stay in this browser.'
          : describeStatus(status, provider, undefined).text}
      </p>
      <p role="status">
        {parked.length > 0 && `${parked.length} ${parked.length === 1 ? 'change' : 'changes'} not saved`}
      </p>
    </div>
  )
}
