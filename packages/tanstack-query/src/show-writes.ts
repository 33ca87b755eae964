import type { OutboxView, Receipt } from '@syncline/core'
import type { LayeredCache, TargetedLayer } from './layered-cache.ts'
import type { QueryOverlay } from './overlay.ts'

/** Shows a channel's pending writes as layers, those of before a reload too. */
export interface ShownWrites {
  /** A message of this write was seen. */
  arrived(writeId: string): void
  stop(): void
}

interface ShownWrite {
  readonly layers: readonly TargetedLayer[]
  readonly unsubscribe: () => void
}

const waiting = ({ status$ }: Receipt): boolean => ['saving', 'queued', 'sent'].includes(status$.get().at)

/**
 * @param overlays What each mutation shows, by name.
 */
export const showWrites = (
  outbox: OutboxView,
  channel: string,
  overlays: ReadonlyMap<string, readonly QueryOverlay<unknown>[]>,
  cache: LayeredCache,
): ShownWrites => {
  const writes = new Map<string, ShownWrite>()
  /** Writes whose message came before their acceptance, so that the outbox still lists them. */
  const ended = new Set<string>()

  const end = (id: string, how: 'arrive' | 'lift') => {
    const write = writes.get(id)
    if (!write) return
    writes.delete(id)
    ended.add(id)
    write.unsubscribe()
    cache[how](write.layers)
  }

  const follow = ({ id, status$ }: Receipt) =>
    status$.subscribe((status) => {
      if (status.at === 'applied') end(id, 'arrive')
      else if (status.at === 'accepted') {
        // With effects here, their message comes.
        if (!status.effects.some((effect) => effect.channel === channel)) end(id, 'arrive')
      } else if (status.at === 'parked' || status.at === 'discarded' || status.at === 'failed')
        end(id, 'lift')
    })

  const show = (receipt: Receipt, shown: readonly QueryOverlay<unknown>[]) => {
    const { id: writeId, input } = receipt
    const layers = shown.map(
      ({ filters, apply }): TargetedLayer => ({
        writeId,
        filters,
        apply: (old) => apply(old, input, { writeId }),
        arrived: Number.POSITIVE_INFINITY,
      }),
    )
    for (const layer of layers) cache.lay(layer)
    let subscription: { unsubscribe(): void } | undefined
    writes.set(writeId, { layers, unsubscribe: () => subscription?.unsubscribe() })
    subscription = follow(receipt)
    if (!writes.has(writeId)) subscription.unsubscribe()
  }

  const pending = outbox.pending$.subscribe((receipts) => {
    for (const id of ended) if (!receipts.some((receipt) => receipt.id === id)) ended.delete(id)
    for (const receipt of receipts) {
      const { id, name, kind } = receipt
      const shown = overlays.get(name)
      if (shown && receipt.channel === channel && kind === 'mutate' && !writes.has(id) && !ended.has(id))
        if (waiting(receipt)) show(receipt, shown)
    }
  })

  return {
    arrived: (writeId) => end(writeId, 'arrive'),
    stop: () => {
      pending.unsubscribe()
      for (const id of writes.keys()) end(id, 'lift')
    },
  }
}
