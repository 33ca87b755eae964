import type { LossyProvider } from '../lossy-provider.ts'
import type { SimulatedClient } from './simulated-client.ts'
import type { SimulatedHub } from './simulated-hub.ts'

/** Everything that a fault can be the matter with. */
export interface Patients {
  readonly hub: SimulatedHub | undefined
  readonly clients: readonly SimulatedClient[]
  readonly provider: LossyProvider
  readonly signIn: { trouble: 'down' | 'hangs' | 'stale' | 'other' | undefined }
}

/** Ends all faults. What died is started by `revive`. */
export const heal = ({ hub, clients, provider, signIn }: Patients): void => {
  Object.assign(provider, { lost: 0, doubled: 0, late: 0, down: false })
  signIn.trouble = undefined
  if (hub) Object.assign(hub.disk, { down: false, latency: 3 })
  hub?.machine?.killAfter(Number.POSITIVE_INFINITY)
  for (const client of clients) {
    Object.assign(client.wire, { rate: undefined, latency: 5 })
    client.disk.trouble = undefined
    client.machine?.killAfter(Number.POSITIVE_INFINITY)
    client.wake()
    client.online()
  }
}

/** Starts what is dead, and has them ask again who were sent away. */
export const revive = ({ hub, clients }: Patients): void => {
  hub?.start()
  for (const client of clients) {
    if (!client.closed) client.open()
    const { app } = client
    if (app?.client.status$.get().at === 'needs-auth') app.client.retryNow()
  }
}

/** What is not at rest; undefined: every client is connected and has nothing left to send. */
export const restless = ({ clients }: Patients): string | undefined => {
  for (const { name, app, closed } of clients) {
    if (closed) continue
    if (!app) return `${name} is not open`
    const { status$, outbox } = app.client
    const { at } = status$.get()
    if (at !== 'connected') return `${name} is ${at}`
    if (!outbox.loaded$.get()) return `${name} has not read its outbox`
    const parked = outbox.parked$.get()
    // A parked write holds back those with its key.
    const waits = outbox.pending$
      .get()
      .find(
        ({ channel, key }) =>
          key === undefined || !parked.some((other) => other.channel === channel && other.key === key),
      )
    if (waits) return `${name} has a write that is still ${waits.status$.get().at} on ${waits.channel}`
  }
  return undefined
}
