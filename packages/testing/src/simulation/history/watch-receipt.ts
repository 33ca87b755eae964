import type { Receipt, ReceiptStatus } from '@syncline/core'
import type { TabContext } from './tab-context.ts'
import type { MadeWrite } from './writes.ts'

/** What may follow what. */
const follows: Readonly<Record<ReceiptStatus['at'], readonly ReceiptStatus['at'][]>> = {
  saving: ['queued', 'failed'],
  queued: ['sent', 'parked', 'discarded'],
  sent: ['accepted', 'parked', 'discarded', 'queued'],
  accepted: ['applied'],
  applied: [],
  parked: ['discarded', 'queued', 'sent', 'accepted'],
  discarded: [],
  failed: [],
}

/** Promises 3 and 4: what a receipt says is so. */
export const watchReceipt = (context: TabContext, write: MadeWrite, receipt: Receipt): void => {
  const { truth } = context
  const wrong = (message: string): void =>
    context.violated('receipts', `${context.name}: ${write.tag} (${write.id}) ${message}`)

  const check = (status: ReceiptStatus): void => {
    const answers = truth.answers(write.id)
    switch (status.at) {
      case 'queued':
        if (!status.durable) return
        write.durable = true
        if (!context.isStored(write.id)) wrong('is called queued, and is not in the storage')
        return
      case 'accepted': {
        write.accepted = true
        const given = answers.find(({ answer }) => answer.outcome.type === 'accepted')
        if (!given) wrong('is called accepted, and is not committed')
        return
      }
      case 'applied':
        for (const { channel, position } of status.effects) {
          const last = context.lastOn(channel)
          const shown = context.shownOn(channel)
          // A snapshot brings effects as well as messages do.
          const isShown = shown?.epoch === position.epoch && shown.seq >= position.seq
          // What a restored backup has lost never comes.
          const isThere = truth.at(channel, position.seq)?.writeId === write.id
          if (last && last.epoch === position.epoch && last.seq < position.seq && !isShown && isThere)
            wrong(`is called applied, and ${channel} is at ${last.seq} before ${position.seq}`)
        }
        return
      case 'parked': {
        if (status.error.code === 'schema-violation') wrong('was misread')
        else if (status.reason === 'rejected') {
          if (!answers.some(({ answer }) => answer.outcome.type === 'rejected'))
            wrong(`is called rejected (${status.error.code}), and the hub has not done that`)
        } else if (status.reason === 'outcome-unknown') {
          if (!context.mayBeUnknown(write)) wrong('is called outcome-unknown, and nothing was forgotten')
        } else if (status.reason === 'contract-outdated') {
          if (!context.hasVersions()) wrong('is called contract-outdated, and there is one version only')
        } else if (!context.hasClockTrouble()) wrong(`is parked as ${status.reason}`)
        return
      }
      case 'failed':
        if (
          !context.hadDiskTrouble() &&
          status.error.code !== 'closed' &&
          status.error.code !== 'outbox-full'
        )
          wrong(`failed: ${status.error.message}`)
        return
    }
  }

  let before: ReceiptStatus['at'] | undefined
  const subscription = receipt.status$.subscribe((status) => {
    if (!context.alive()) return
    const last = before
    before = status.at
    write.last = status.at
    if (last !== status.at) {
      const why = status.at === 'parked' ? ` (${status.reason} ${status.error.code})` : ''
      context.log(`${context.name}: ${write.tag} is ${status.at}${why}`)
      if (last && !follows[last].includes(status.at)) wrong(`is ${status.at} after ${last}`)
    }
    check(status)
    if (status.at === 'accepted' || status.at === 'applied') {
      const given = truth.answers(write.id).map(({ answer }) => answer.outcome)
      const same = given.some(
        (outcome) =>
          outcome.type === 'accepted' && JSON.stringify(outcome.effects) === JSON.stringify(status.effects),
      )
      if (!same && status.effects.length > 0) wrong('is said to have effects elsewhere than it has')
    }
  })
  context.onEnd(() => subscription.unsubscribe())
}
