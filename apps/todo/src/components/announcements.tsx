import type { ParkedWrite } from '@syncline/core'
import { useConnection, useOutbox } from '@syncline/react'
import { describeStatus } from 'demo-support/client'
import { useState } from 'react'
import { describeReason } from '../client/describe-write.ts'

/** What a screen reader says by itself: each turn of the connection and each refusal, never a countdown. */
export function Announcements({ provider }: { readonly provider: string }) {
  const status = useConnection()
  const refused = useNewlyParked()
  return (
    <div className="visually-hidden">
      <p role="status">
        {status.at === 'reconnecting'
          ? 'Connection lost. Changes stay in this browser.'
          : describeStatus(status, provider, undefined).text}
      </p>
      <p role="status">{refused && `Not saved: ${describeReason(refused)}`}</p>
    </div>
  )
}

/** What the last change to the parked writes brought; nothing when it took some away. */
const useNewlyParked = (): ParkedWrite | undefined => {
  const { parked } = useOutbox()
  const [known, setKnown] = useState<readonly ParkedWrite[]>([])
  const [newest, setNewest] = useState<ParkedWrite>()
  if (parked !== known) {
    setKnown(parked)
    setNewest(parked.findLast(({ id }) => known.every((write) => write.id !== id)))
  }
  return newest
}
