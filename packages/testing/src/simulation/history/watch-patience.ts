import type { Environment, Transport } from '@syncline/core'
import type { ClientFrame, HubFrame, StreamAddress } from '@syncline/core/protocol'
import { tapTransport } from '../../tap-transport.ts'
import type { Scheduler } from '../scheduler.ts'

const streamOf = ({ channel, client, generation }: StreamAddress): string =>
  JSON.stringify([channel, client, generation])

/**
 * Rule 12: what a hub asked patience for does not come again before. A client that dies or is opened anew knows nothing
 * of it, and one that was offline meanwhile dials as soon as it is online again.
 *
 * @param violated called with what came too early
 */
export const watchPatience = (
  transport: Transport,
  scheduler: Scheduler,
  signals$: Environment['signals$'],
  violated: (message: string) => void,
): Transport => {
  let session = 0
  const joins = new Map<string, number>()
  /** The write that each stream goes on with, from when on, and whether it has gone since that was said. */
  const writes = new Map<string, { readonly n: number; readonly until: number; gone: boolean }>()

  signals$.subscribe((signal) => {
    if (signal === 'offline') session = 0
  })
  const until = ({ retryAfter = 0 }: { readonly retryAfter?: number }): number => scheduler.now + retryAfter
  const early = (time: number | undefined): string | undefined =>
    time !== undefined && scheduler.now < time ? `${Math.ceil(time - scheduler.now)} ms too early` : undefined

  const hear = (frame: HubFrame): void => {
    if (frame.type === 'bye') session = until(frame.error)
    else if (frame.type === 'refused') joins.set(frame.channel, until(frame.error))
    else if (frame.type === 'back') {
      const known = writes.get(streamOf(frame))
      // Each frame that was on its way is refused for the same number: the first answer is for all of them.
      if (known?.n !== frame.expect || known.gone)
        writes.set(streamOf(frame), { n: frame.expect, until: until(frame.error), gone: false })
    }
  }
  const check = (frame: ClientFrame): void => {
    if (frame.type === 'hello') {
      const by = early(session)
      if (by) violated(`comes back ${by}`)
      // Another session may have another answer.
      joins.clear()
    } else if (frame.type === 'leave') joins.delete(frame.channel)
    else if (frame.type === 'join') {
      const by = early(joins.get(frame.channel))
      if (by) violated(`joins ${frame.channel} ${by}`)
    } else if (frame.type === 'writes') {
      const back = writes.get(streamOf(frame))
      if (!back || !frame.writes.some(([n]) => n === back.n)) return
      back.gone = true
      const by = early(back.until)
      if (by) violated(`sends write ${back.n} of ${frame.channel} again ${by}`)
    }
  }
  return tapTransport(transport, {
    in: (frame, pass) => {
      hear(frame)
      pass(frame)
    },
    out: (frame, pass) => {
      check(frame)
      pass(frame)
    },
  })
}
