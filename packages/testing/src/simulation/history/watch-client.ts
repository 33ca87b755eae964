import type { Receipt } from '@syncline/core'
import type { ClientDisk } from '../client-disk.ts'
import type { Run } from './run.ts'
import type { TabWorld } from './tab.ts'
import type { TabContext } from './tab-context.ts'
import { watchReceipt } from './watch-receipt.ts'
import type { MadeWrite } from './writes.ts'

/** What the checkers of a run see of it. */
export const contextOf = (of: Run, device: number, world: TabWorld): TabContext => {
  const { scheduler, truth, book } = world
  const disk = world.disks[device] as ClientDisk
  const { machine, client, name } = of
  const isRefused = (channel: string): boolean => {
    const { phase, error } = of.followed.get(channel)?.handle.state$.get() ?? {}
    return phase === 'refused' && error?.retryAfter === undefined
  }
  let [refused, told] = [0, 0]
  client.errors$.subscribe(({ code }) => {
    if (code === 'schema-violation') told++
  })
  return {
    name,
    version: of.version,
    truth,
    scheduler,
    book,
    continuity: world.continuity,
    alive: () => machine.alive,
    log: world.log,
    violated: world.violated,
    soon: (callback) => void machine.deliver(0, callback),
    onEnd: () => {},
    receipts: of.receipts,
    pending: () => client.outbox.pending$.get(),
    loaded: () => client.outbox.loaded$.get(),
    lastOn: (channel) => (isRefused(channel) ? undefined : of.followed.get(channel)?.order.last),
    shownOn: (channel) => of.followed.get(channel)?.view.status$.get().position,
    isRefused,
    refused: (count) => {
      refused += count
      const until = refused
      machine.deliver(0, () => {
        if (told < until)
          world.violated(
            'no silent failure',
            `${name} was told of ${told} messages that fail their schema, and there were ${until}`,
          )
      })
    },
    isFollowing: (channel) => (of.followed.get(channel)?.handle.state$.get().phase ?? 'idle') !== 'idle',
    isStored: (writeId) =>
      [...(disk.contents.get(of.stored)?.outbox.values() ?? [])].some(
        (record) => (record as { readonly id: string }).id === writeId,
      ),
    mayBeSetBack: world.mayBeSetBack,
    sessionSince: () => of.sessionSince,
    mayBeUnknown: world.mayBeUnknown,
    hubMayNotKnow: world.hubMayNotKnow,
    hadDiskTrouble: world.hadDiskTrouble,
    isAnothers: ({ owner }) => (owner() ?? of.person) !== of.person,
  }
}

/** Follows what a client says of itself, and finds the writes of earlier runs in its outbox. */
export const watchClient = (of: Run, context: TabContext, world: TabWorld): void => {
  const { machine, client, name } = of
  const { scheduler, book } = world
  const isOfAnother = ({ person }: MadeWrite): boolean => person !== '' && person !== of.person
  const recognize = (receipts: readonly Receipt[]): void => {
    if (!machine.alive) return
    for (const receipt of receipts) {
      const write = book.all.get(receipt.id)
      if (!write || of.receipts.has(write)) continue
      if (write.storage !== of.storage || (of.connectedAt !== undefined && isOfAnother(write)))
        world.violated('identity', `${name} (${of.person}) has ${write.tag} of ${write.person}`)
      of.receipts.set(write, receipt)
      watchReceipt(context, write, receipt)
    }
  }
  client.outbox.pending$.subscribe(recognize)
  client.outbox.parked$.subscribe(recognize)
  let status = ''
  client.status$.subscribe((now) => {
    const { at } = now
    if (machine.alive && at !== status) world.log(`${name} is ${at}`)
    if (
      machine.alive &&
      (now.at === 'failed' || (now.at === 'needs-auth' && !world.denials.session(of, now.error)))
    )
      world.violated('identity', `${name} is ${now.at} without a cause: ${now.error.code}`)
    if (at !== status) of.connectedAt = at === 'connected' ? scheduler.now : undefined
    const others =
      at === 'connected'
        ? [...of.receipts].find(
            ([write, { status$ }]) => status$.get().at !== 'failed' && isOfAnother(write),
          )?.[0]
        : undefined
    if (machine.alive && others)
      world.violated('identity', `${name} (${of.person}) is connected with ${others.tag} of ${others.person}`)
    if (now.at === 'needs-auth' && now.error.code === 'identity-mismatch' && of.owner() !== of.person)
      world.happened("another's storage")
    if (at === 'connected' && at !== status) of.sessionSince = scheduler.now
    status = at
  })
  client.errors$.subscribe((error) => {
    if (!machine.alive) return
    world.log(`${name} reports ${error.code}${error.detail ? `: ${error.detail.slice(0, 120)}` : ''}`)
    if (error.code === 'token-expired' && !world.mayExpire(of))
      world.violated('identity', `${name} lost its session, for its token was not refreshed in time`)
    if (error.code === 'internal' || error.code === 'fold-failed' || error.code === 'write-conflict')
      world.violated('no silent failure', `${name} reports ${error.code}: ${error.stack}`)
  })
}
