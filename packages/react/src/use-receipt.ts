'use client'
import type { Receipt, ReceiptStatus } from '@syncline/core'
import { useSyncState } from './use-sync-state.ts'

/**
 * Where a write stands, undefined while there is none. `useClient().receipt(id)` finds one again after a reload.
 *
 * @example
 * const [write, setWrite] = useState<Receipt>()
 * const saved = useReceipt(write)?.at === 'accepted'
 */
export const useReceipt = (receipt: Receipt | undefined): ReceiptStatus | undefined =>
  useSyncState(receipt?.status$, undefined)
