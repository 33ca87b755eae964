import type { Receipt, ReceiptStatus } from '@syncline/core'
import type { TabContext } from './tab-context.ts'
import { type MadeWrite, personOf } from './writes.ts'

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

  /** Found in the outbox when the client started, or took it over. */
  const foundAt = write.maker === context.name ? undefined : context.scheduler.count
  const refusedWith = (code: string): boolean =>
    truth
      .answers(write.id)
      .some(({ answer: { outcome } }) => outcome.type === 'rejected' && outcome.error.code === code)

  const checkParked = ({ reason, error: { code } }: ReceiptStatus & { readonly at: 'parked' }): void => {
    if (code === 'schema-violation') wrong('was misread')
    else if (reason === 'too-old') wrong('is called too old')
    else if (reason === 'outcome-unknown' && code === 'outcome-unknown') {
      if (!context.mayBeUnknown(write, context.sessionSince()))
        wrong('is called outcome-unknown, and nothing was forgotten')
    } else if (!refusedWith(code)) wrong(`is called ${reason} (${code}), and the hub has not done that`)
    else if (code === 'handler-timeout' && write.how !== 'hang')
      wrong('is said to have taken too long, and has not')
  }

  const mayFail = (code: string): boolean => {
    if (code === 'storage-failed') return context.hadDiskTrouble(write)
    // Who was confirmed while the storage could not be opened, and then it was another's.
    if (code === 'identity-mismatch') return context.isAnothers(write)
    return code === 'closed' || code === 'outbox-full'
  }

  const check = (status: ReceiptStatus): void => {
    const answers = truth.answers(write.id)
    switch (status.at) {
      case 'queued':
        if (!status.durable) return
        write.durable = true
        // Another tab may have taken it from there while this one slept.
        if (!context.isStored(write.id) && answers.length === 0 && !write.givenUp)
          wrong('is called queued, and is not in the storage')
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
      case 'sent':
        if (personOf(write) === '')
          context.violated('identity', `${context.name}: ${write.tag} is sent, and its storage is nobody's`)
        write.sentIn ??= context.scheduler.count === foundAt ? write.madeAt : context.sessionSince()
        return
      case 'parked':
        checkParked(status)
        return
      case 'failed':
        if (!mayFail(status.error.code)) wrong(`failed: ${status.error.message}`)
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
