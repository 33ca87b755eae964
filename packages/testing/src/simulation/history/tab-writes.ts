import type { ChannelHandle, Receipt } from '@syncline/core'
import type { Contracts, How } from './app.ts'
import { handleOf, type Run } from './run.ts'
import type { Tab, TabWorld } from './tab.ts'
import type { TabContext } from './tab-context.ts'
import type { TabSettings } from './tab-settings.ts'
import { watchReceipt } from './watch-receipt.ts'
import type { MadeWrite } from './writes.ts'

/** The tab whose writes they are, as it is now. */
export interface WritingTab {
  readonly index: number
  readonly runs: number
  readonly settings: TabSettings
  readonly run: Run | undefined
  contextOf(run: Run): TabContext
}

/** What the app of a tab writes, and does with what it wrote. */
export const createTabWrites = (
  tab: WritingTab,
  world: TabWorld,
): Pick<Tab, 'mutate' | 'publish' | 'retryParked' | 'discard' | 'discardParked'> => {
  const { book } = world
  let tags = 0
  let orders = 0
  const nextTag = (): string => `${tab.index}${String.fromCharCode(97 + (tab.runs % 26))}${++tags}`

  const make = (
    channel: string,
    kind: 'mutate' | 'publish',
    how: How,
    key: string | undefined,
    add: (handle: ChannelHandle<Contracts['list']>, tag: string, v: 2 | undefined) => Receipt,
  ): void => {
    const { run } = tab
    if (!run || run.closing || run.machine.asleep) return
    const tag = nextTag()
    const handle = handleOf(run, channel, world.laterSchemas) as ChannelHandle<Contracts['list']>
    const receipt = add(handle, tag, run.version === 2 ? 2 : undefined)
    enterBook(run, receipt, { channel, kind, how, key, tag, isRetry: false })
  }
  const enterBook = (
    of: Run,
    receipt: Receipt,
    facts: Pick<MadeWrite, 'channel' | 'kind' | 'how' | 'key' | 'tag' | 'isRetry'>,
  ): void => {
    const write: MadeWrite = {
      ...facts,
      id: receipt.id,
      person: of.owner() ?? '',
      owner: of.owner,
      storage: of.storage,
      device: tab.settings.inMemory ? undefined : tab.settings.device,
      madeAt: world.scheduler.now,
      maker: of.name,
      order: ++orders,
      durable: false,
      accepted: false,
      sentIn: undefined,
      committedAt: undefined,
      givenUp: false,
      last: receipt.status$.get().at,
    }
    book.add(write)
    if (of.receipts.has(write)) return
    of.receipts.set(write, receipt)
    watchReceipt(tab.contextOf(of), write, receipt)
  }

  return {
    mutate: (channel, how, key) =>
      make(channel, 'mutate', how, key, (handle, tag, v) =>
        handle.mutate(
          how === 'hang' || how === 'slow' || tags % 3 === 0 ? 'run' : 'put',
          { tag, how, v },
          {
            ...(key !== undefined && { key }),
          },
        ),
      ),
    publish: (channel, key) =>
      make(channel, 'publish', 'one', key, (handle, tag) =>
        handle.publish('done', { tag }, { ...(key !== undefined && { key }) }),
      ),
    retryParked: () => {
      const of = tab.run
      if (!of || of.closing) return
      const parked = of.client.outbox.parked$.get()[0]
      const old = parked && book.all.get(parked.id)
      if (!parked || old?.kind !== 'mutate') return
      const tag = nextTag()
      const how: How = 'one'
      // From now on the one may be there or the other, should it die before it hears.
      old.givenUp = true
      // What is edited is of the contract by which the page uses the channel; of the write's own where it does not.
      handleOf(of, old.channel, world.laterSchemas)
      of.client.outbox.retry(parked.id, { input: { tag, how, ...(of.version === 2 && { v: 2 }) } }).then(
        (receipt) => {
          const { channel, key } = old
          // Asked twice, it is retried once.
          if (of.machine.alive && !book.all.has(receipt.id))
            enterBook(of, receipt, { channel, kind: 'mutate', how, key, tag, isRetry: true })
        },
        (error) => world.log(`${of.name} could not retry: ${String(error).slice(0, 80)}`),
      )
    },
    discard: (which) => {
      const of = tab.run
      if (!of || of.closing) return
      const [receipt] = which === 'parked' ? of.client.outbox.parked$.get() : of.client.outbox.pending$.get()
      const write = receipt && book.all.get(receipt.id)
      if (!write) return
      write.givenUp = true
      of.client.outbox
        .discard(write.id)
        .catch((error) => world.log(`${of.name} could not discard: ${String(error).slice(0, 80)}`))
    },
    discardParked: () => {
      const { run } = tab
      const parked = run?.client.outbox.parked$.get() ?? []
      for (const { id } of parked) {
        const write = book.all.get(id)
        if (write) write.givenUp = true
        run?.client.outbox
          .discard(id)
          .catch((error) => world.log(`${id} could not be discarded: ${String(error).slice(0, 80)}`))
      }
      return parked.length > 0
    },
  }
}
