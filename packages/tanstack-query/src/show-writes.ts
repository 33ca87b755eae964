import type { OutboxView } from '@syncline/core'
import type { LayeredCache } from './layered-cache.ts'
import type { Layer } from './layered-query.ts'
import type { QueryOverlay } from './overlay.ts'

/** What each mutation shows. */
export interface OverlaysByName {
  readonly [mutation: string]: QueryOverlay<unknown> | readonly QueryOverlay<unknown>[] | undefined
}

/** A channel's pending writes as layers, those of before a reload too. */
export interface ShownWrites {
  /** The effect of a write has arrived, or it is to be taken back. Nothing happens where it is not shown. */
  end(writeId: string | undefined, how: 'arrive' | 'lift'): void
  stop(): void
}

export const showWrites = (
  { pending$ }: OutboxView,
  channel: string,
  overlays: OverlaysByName,
  cache: LayeredCache,
): ShownWrites => {
  /** The layers by write; none once it ended, until the outbox no longer lists it. */
  const writes = new Map<string | undefined, Layer[]>()

  const end: ShownWrites['end'] = (id, how) => {
    for (const layer of writes.get(id)?.splice(0) ?? []) cache[how](layer)
  }

  const subscription = pending$.subscribe((receipts) => {
    for (const [id, layers] of writes)
      if (!layers.length && !receipts.some((receipt) => receipt.id === id)) writes.delete(id)

    for (const receipt of receipts) {
      const { id: writeId, name, kind } = receipt
      const shown = overlays[name]
      if (!shown || kind !== 'mutate' || receipt.channel !== channel || writes.has(writeId)) continue
      // Receipts make these when asked: not for the writes of others.
      const { input, status$ } = receipt
      const layers = [shown].flat().map(({ filters, update }): Layer => {
        return { writeId, filters, update: (old) => update(old, input, { writeId }), arrived: 0 }
      })
      writes.set(writeId, layers)
      for (const layer of layers) cache.lay(layer)
      status$.subscribe((status) => {
        if ('error' in status || status.at === 'discarded') end(writeId, 'lift')
        else if (status.at === 'applied') end(writeId, 'arrive')
      })
    }
  })

  return {
    end,
    stop: () => {
      subscription.unsubscribe()
      for (const id of writes.keys()) end(id, 'lift')
    },
  }
}
