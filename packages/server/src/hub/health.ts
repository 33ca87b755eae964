import type { HubHealth } from './hub.ts'

/** What a hub knows of its own condition. */
export interface HubState {
  ready: boolean
  failing: boolean
  closing: boolean
  fenced: boolean
}

export const healthOf = (
  { ready, failing, closing, fenced }: HubState,
  counts: Omit<HubHealth, 'status' | 'store'> & { readonly store: { readonly name: string } },
): HubHealth => ({
  ...counts,
  store: counts.store.name,
  status: closing ? 'closing' : fenced ? 'fenced' : ready ? (failing ? 'failing' : 'ok') : 'starting',
})
