import { useClient, useConnection, useOutbox } from '@syncline/react'
import { type RefObject, useLayoutEffect, useRef } from 'react'
import { describeStatus } from './describe-status.ts'
import { saveFile } from './save-file.ts'
import { useCountdown } from './use-countdown.ts'

/**
 * Whether this window is connected, and whether its work is saved. Its height is always the same.
 *
 * @param provider its name, as people know it
 */
export function StatusLine({ provider }: { readonly provider: string }) {
  const line = useRef<HTMLElement>(null)
  const status = useConnection()
  const outbox = useOutbox()
  const secondsLeft = useCountdown(status.at === 'reconnecting' ? status.retryAt : undefined)
  const { tone, text, canRetry } = describeStatus(status, provider, secondsLeft)
  const parked = outbox.parked.length
  const waiting = describeWaiting(outbox)
  return (
    <section ref={line} className="status" aria-label="Connection" data-tone={tone} tabIndex={-1}>
      <p className="connection">{text}</p>
      {canRetry && <TryNow line={line} />}
      <p className="unsent">
        {waiting}
        {waiting && parked > 0 && ' · '}
        {parked > 0 && <a href="#parked">{parked} not saved</a>}
      </p>
      <button
        type="button"
        className="export"
        aria-label="Export unsent changes"
        title="Export unsent changes"
        hidden={outbox.pending.length + parked === 0}
        onClick={async () => saveFile('unsent-changes.json', await outbox.export())}
      >
        Export
      </button>
    </section>
  )
}

/** Pressed or not, it leaves the focus to the line when it goes. */
function TryNow({ line }: { readonly line: RefObject<HTMLElement | null> }) {
  const client = useClient()
  const button = useRef<HTMLButtonElement>(null)
  useLayoutEffect(
    () => () => {
      if (document.activeElement === button.current) line.current?.focus()
    },
    [line],
  )
  return (
    <button ref={button} type="button" className="try-now" onClick={() => client.retryNow()}>
      Try now
    </button>
  )
}

const describeWaiting = ({ loaded, pending, parked }: ReturnType<typeof useOutbox>): string => {
  if (!loaded) return ''
  if (pending.length === 0) return parked.length === 0 ? 'Nothing waits in this window' : ''
  return pending.length === 1 ? '1 change waiting' : `${pending.length} changes waiting`
}
