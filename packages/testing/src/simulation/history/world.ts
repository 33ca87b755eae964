import type { AnyContract } from '@syncline/core'
import { createChance, hashText } from '../chance.ts'
import { createClientDisk } from '../client-disk.ts'
import type { Endpoint } from '../endpoint.ts'
import { createHubDisk } from '../hub-disk.ts'
import { createLossyProvider } from '../lossy-provider.ts'
import { createScheduler, type Scheduler } from '../scheduler.ts'
import { type Authority, createAuthority } from './authority.ts'
import { createHubHost, type HubHost } from './hub-host.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'
import { createTab, type Tab, type TabWorld } from './tab.ts'
import { createTruth, type Truth } from './truth.ts'
import { type Promised, Violation } from './violation.ts'
import { createWriteBook, type WriteBook } from './writes.ts'

/** A whole system in one process. */
export interface World {
  readonly scheduler: Scheduler
  readonly truth: Truth
  readonly book: WriteBook
  readonly tabs: readonly Tab[]
  readonly host: HubHost
  readonly authority: Authority
  readonly disk: ReturnType<typeof createHubDisk>
  readonly clientDisks: readonly ReturnType<typeof createClientDisk>[]
  /** The first promise that was broken. */
  readonly violation: Violation | undefined
  /** Which kinds of faults happened, and how often. */
  readonly faults: ReadonlyMap<string, number>
  /** What happened, if it was to be kept. */
  readonly lines: readonly string[]
  /** Of all that happened: two histories that are the same have the same. */
  readonly hash: number
  perform(step: Step): void
  violated(promise: Promised, message: string): void
  hasForgotten(): boolean
  /** Ends all faults. */
  calm(): void
  /** Whoever was given another's token signs in again. */
  signInAgain(): void
  /** What is parked is given up everywhere. False: nothing was. */
  discardParked(): boolean
  closeAll(): void
}

/** Events of one history: it has some thousands. With so many, something keeps itself busy. */
const MOST_EVENTS = 200_000

/** @param keepLines keeps what happened, as text */
export const createWorld = (plan: Plan, keepLines: boolean): World => {
  const chance = createChance(plan.seed).fork('world')
  const scheduler = createScheduler(undefined, MOST_EVENTS)
  const started = scheduler.now
  const truth = createTruth()
  const book = createWriteBook()
  const faults = new Map<string, number>()
  const lines: string[] = []
  const runsOf = new Map<string, number>()
  let hash = hashText('')
  let violation: Violation | undefined
  let forgotten = 0
  let versions = false
  let clockTrouble = plan.tabs.some(({ skew }) => skew !== 0)
  let diskTrouble = false
  let calmed = false
  let backup: (() => void) | undefined
  let backendTags = 0

  const log = (line: string): void => {
    hash = hashText(`${scheduler.now - started} ${line}\n`, hash)
    if (keepLines) lines.push(`${String(Math.round(scheduler.now - started)).padStart(7)}  ${line}`)
  }
  const violated = (promise: Promised, message: string): void => {
    if (violation) return
    violation = new Violation(promise, message)
    log(`!!! ${promise}: ${message}`)
    scheduler.stop()
  }
  const happened = (fault: string): void => {
    faults.set(fault, (faults.get(fault) ?? 0) + 1)
  }
  /** Ends a fault again after a while, unless all were ended. */
  const later = (ms: number, end: () => void): void => void scheduler.after(ms, () => !calmed && end())

  const authority = createAuthority(scheduler)
  authority.life = plan.tokenLife
  const provider = createLossyProvider({ scheduler, chance: chance.fork('provider') })
  Object.assign(provider, plan.provider)
  const endpoint: Endpoint = { process: undefined }
  const disk = createHubDisk({
    chance: chance.fork('hub disk'),
    committed: (commit) => {
      truth.commit(commit)
      for (const { channel, messages } of commit.appended)
        for (const { seq, json } of messages) log(`committed ${channel} ${seq} ${json}`)
      const { answer, stream } = commit
      if (!answer || !stream) return
      const write = book.all.get(answer.id)
      log(`answered ${write?.tag ?? answer.id} ${answer.outcome.type} to ${stream.subject} as ${answer.n}`)
      if (!write) return
      write.committedAt = scheduler.now
      if (write.person !== stream.subject)
        violated('identity', `${write.tag} of ${write.person} is committed as ${stream.subject}'s`)
    },
  })
  const host = createHubHost({
    scheduler,
    chance: chance.fork('hub'),
    disk,
    truth,
    provider,
    endpoint,
    settings: plan.hub,
    authority,
    log,
    ran: (writeId, subject) => {
      const write = book.all.get(writeId)
      if (write && write.person !== subject)
        violated('identity', `${write.tag} of ${write.person} runs as ${subject}'s`)
      const runs = (runsOf.get(writeId) ?? 0) + 1
      runsOf.set(writeId, runs)
      return runs
    },
    broken: (message) => violated('no silent failure', message),
  })
  const clientDisks = plan.devices.map(({ locks }, index) =>
    createClientDisk({ scheduler, chance: chance.fork(`device ${index}`), locks }),
  )
  const tabWorld: TabWorld = {
    scheduler,
    chance,
    truth,
    book,
    disks: clientDisks,
    endpoint,
    provider,
    authority,
    laterSchemas: plan.hub.laterSchemas,
    linger: plan.linger,
    bufferMessages: plan.bufferMessages,
    log,
    happened,
    violated,
    isAlone: (device) =>
      plan.devices[device]?.locks === 'queue' &&
      plan.tabs.filter((tab) => tab.device === device).length === 1,
    isSteady: (list, memberId, quiet) => {
      const { running } = host
      const excused = ['hub clock jumped', 'revoked', 'slow reader', 'latency changed', 'hub fenced off']
      if (!running || clockTrouble || excused.some((fault) => faults.has(fault))) return false
      return tabs.some(({ tab }) => {
        const member = tab.steadyMember(list, quiet)
        return member?.id === memberId && member.connectedAt > running.startedAt
      })
    },
    heldElsewhere: (except) => {
      const held = new Set<string>()
      for (const { tab } of tabs) {
        const { outbox } = (tab !== except && tab.run?.client) || {}
        if (!outbox) continue
        for (const { id } of [...outbox.pending$.get(), ...outbox.parked$.get()]) held.add(id)
      }
      return held
    },
    mayExpire: () =>
      clockTrouble ||
      [
        'half-open link',
        'partition',
        'offline',
        'latency changed',
        'sleeping tab',
        'slow reader',
        'sign-in down',
        'sign-in hangs',
        'sign-in stale',
        'sign-in other',
        'provider outage',
      ].some((fault) => faults.has(fault)),
    hasForgotten: () => forgotten > 0,
    hubMayNotKnow: ({ committedAt }) =>
      committedAt !== undefined &&
      (plan.hub.limits.streams !== undefined || committedAt <= (host.running?.startedAt ?? scheduler.now)),
    mayBeUnknown: ({ how }) => forgotten > 0 || how === 'hang' || how === 'slow',
    hasVersions: () => versions,
    hasClockTrouble: () => clockTrouble,
    hadDiskTrouble: () => diskTrouble,
  }
  const tabs = plan.tabs.map(({ joins, enters, ...settings }, index) => {
    const tab = createTab(index, { ...settings }, tabWorld)
    for (const channel of joins) tab.join(channel)
    return { tab, enters }
  })
  const tabAt = (index: number): Tab | undefined => tabs[index]?.tab
  const channelOf = (tab: Tab, channel: string): string =>
    channel === 'own' ? `own/${tab.settings.person}` : channel
  const present = (tab: Tab | undefined): Tab | undefined => (tab?.run ? tab : undefined)

  /** The processes die, something is done to the disk, and another process starts. */
  const reboot = (change: () => void, downFor = 300): void => {
    const version = host.running?.contracts.version ?? 1
    for (const { machine } of host.alive) machine.kill()
    change()
    const start = (): void => {
      if (!host.running) host.start(version)
    }
    if (downFor === 0) start()
    else scheduler.after(downFor, start)
  }

  const perform = (step: Step): void => {
    const { after: _, do: what, ...rest } = step
    log(`— ${what} ${JSON.stringify(rest)}`)
    switch (step.do) {
      case 'mutate': {
        const tab = present(tabAt(step.tab))
        if (!tab) return
        if (['reject', 'later', 'throw', 'hang', 'slow'].includes(step.how)) happened(`handler: ${step.how}`)
        tab.mutate(channelOf(tab, step.channel), step.how, step.key)
        return
      }
      case 'publish': {
        const tab = present(tabAt(step.tab))
        if (tab) tab.publish(channelOf(tab, step.channel), step.key)
        return
      }
      case 'join': {
        const tab = tabAt(step.tab)
        if (tab) tab.join(channelOf(tab, step.channel))
        return
      }
      case 'leave': {
        const tab = tabAt(step.tab)
        if (tab) tab.leave(channelOf(tab, step.channel))
        return
      }
      case 'presence':
        tabAt(step.tab)?.present(step.list, step.act)
        return
      case 'open':
        tabAt(step.tab)?.open()
        return
      case 'close':
        tabAt(step.tab)?.close()
        return
      case 'retry':
        tabAt(step.tab)?.retryParked()
        return
      case 'discard':
        tabAt(step.tab)?.discard(step.which)
        return
      case 'sign-out': {
        const tab = present(tabAt(step.tab))
        if (!tab) return
        happened('sign-out')
        tab.signOut(step.discardWrites)
        return
      }
      case 'backend-publish': {
        const { running } = host
        if (!running) return
        const { list, feed } = running.contracts
        const tag = `x${++backendTags}`
        const [contract, ...parameters] = step.channel === 'feed' ? [feed] : [list, { id: 'a' }]
        ;(running.hub.publish as (contract: AnyContract, ...rest: unknown[]) => Promise<unknown>)(
          contract as AnyContract,
          ...parameters,
          'done',
          { tag },
        ).then(
          () => {
            if (running.machine.alive && truth.places(tag).length === 0 && forgotten === 0)
              violated('receipts', `the hub says that ${tag} is published, and it is not durable`)
          },
          () => {},
        )
        return
      }
      case 'revoke':
        if (!host.running) return
        happened('revoked')
        host.running.hub.revoke({
          subject: step.person,
          ...(step.channel !== undefined && { channel: step.channel }),
        })
        return
      case 'crash': {
        const tab = present(tabAt(step.tab))
        if (!tab) return
        happened('client crash')
        tab.crash(step.acts)
        later(step.reopenAfter + (step.acts > 0 ? 2_000 : 0), () => tab.open())
        return
      }
      case 'sleep': {
        const run = tabAt(step.tab)?.run
        if (!run || run.machine.asleep) return
        happened('sleeping tab')
        run.machine.signal('hidden')
        run.machine.sleep()
        later(step.ms, () => wake(run))
        return
      }
      case 'duplicate': {
        const [tab, of] = [tabAt(step.tab), tabAt(step.of)]
        if (!tab || !of?.run || tab === of || tab.settings.device !== of.settings.device) return
        happened('duplicated tab')
        tab.crash(0)
        tab.settings.person = of.settings.person
        tab.duplicate(of)
        return
      }
      case 'identity': {
        const tab = tabAt(step.tab)
        if (!tab || tab.settings.person === step.person) return
        happened('identity changed')
        if (step.signsOut) tab.signOut(false)
        else tab.close()
        tab.settings.person = step.person
        later(3_000, () => tab.open())
        return
      }
      case 'provider': {
        const tab = tabAt(step.tab)
        if (!tab || tab.settings.provider === step.provider) return
        happened('provider switched')
        tab.crash(0)
        tab.settings.provider = step.provider
        tab.open()
        return
      }
      case 'upgrade': {
        const tab = tabAt(step.tab)
        if (!tab || tab.settings.version === 2) return
        happened('contract upgraded')
        versions = true
        tab.crash(0)
        tab.settings.version = 2
        tab.open()
        return
      }
      case 'clock': {
        const tab = tabAt(step.tab)
        if (!tab) return
        happened('clock jumped')
        clockTrouble = true
        tab.settings.skew += step.ms
        if (tab.run) tab.run.machine.skew += step.ms
        return
      }
      case 'offline': {
        const tab = present(tabAt(step.tab))
        if (!tab) return
        happened('offline')
        tab.run?.machine.signal('offline')
        tab.wire.door = 'refusing'
        tab.wire.cut()
        later(step.ms, () => online(tab))
        return
      }
      case 'disk': {
        const troubled = clientDisks[step.device]
        if (!troubled) return
        happened(`client disk ${step.trouble}`)
        diskTrouble = true
        troubled.trouble = step.trouble
        later(step.ms, () => {
          troubled.trouble = undefined
        })
        return
      }
      case 'cut': {
        const wire = tabAt(step.tab)?.wire
        if (!wire || wire.uses.size === 0) return
        happened('cut')
        wire.cut()
        return
      }
      case 'half-open': {
        const wire = tabAt(step.tab)?.wire
        if (!wire || wire.uses.size === 0) return
        happened('half-open link')
        wire.silence(step.direction)
        return
      }
      case 'partition': {
        if (step.tabs.length === 0) return
        happened('partition')
        for (const index of step.tabs) {
          const wire = tabAt(index)?.wire
          if (!wire) continue
          wire.door = step.door
          if (step.door === 'void') wire.silence()
          else wire.cut()
          later(step.ms, () => {
            wire.door = 'open'
          })
        }
        return
      }
      case 'slow-reader': {
        const wire = tabAt(step.tab)?.wire
        if (!wire) return
        happened('slow reader')
        wire.rate = step.rate
        later(step.ms, () => {
          wire.rate = undefined
        })
        return
      }
      case 'latency': {
        const wire = tabAt(step.tab)?.wire
        if (!wire) return
        happened('latency changed')
        wire.latency = step.latency
        later(step.ms, () => {
          wire.latency = 5
        })
        return
      }
      case 'provider-outage':
        happened('provider outage')
        provider.down = true
        later(step.ms, () => {
          provider.down = false
        })
        return
      case 'sign-in':
        happened(`sign-in ${step.trouble}`)
        authority.trouble = step.trouble
        later(step.ms, () => {
          authority.trouble = undefined
        })
        return
      case 'hub-crash': {
        const { running } = host
        if (!running) return
        happened('hub crash')
        const { version } = running.contracts
        const { machine } = running
        if (step.acts === 0) machine.kill()
        else machine.killAfter(step.acts)
        scheduler.after(step.acts === 0 ? step.downFor : 2_000 + step.downFor, () => {
          machine.kill()
          if (!host.running) host.start(version)
        })
        return
      }
      case 'hub-restart':
        if (!host.running) return
        happened('hub restart')
        if (step.version === 2) versions = true
        host.close()
        scheduler.after(4_000, () => {
          if (!host.running) host.start(step.version)
        })
        return
      case 'hub-rival':
        if (!host.running) return
        happened('hub fenced off')
        host.start(host.running.contracts.version)
        return
      case 'hub-clock':
        if (!host.running) return
        happened('hub clock jumped')
        clockTrouble = true
        host.running.machine.skew += step.ms
        return
      case 'store-outage':
        happened('store outage')
        disk.down = true
        later(step.ms, () => {
          disk.down = false
        })
        return
      case 'slow-store':
        happened('slow store')
        disk.latency = step.latency
        later(step.ms, () => {
          disk.latency = 3
        })
        return
      case 'backup': {
        const [restoreDisk, restoreTruth] = [disk.backup(), truth.backup()]
        backup = () => {
          restoreDisk()
          restoreTruth()
        }
        return
      }
      case 'restore': {
        // The first time there is nothing to go back to yet.
        if (!backup) {
          perform({ after: 0, do: 'backup' })
          return
        }
        const restore = backup
        happened('backup restored')
        forgotten++
        reboot(restore)
        return
      }
      case 'disk-lost':
        happened('hub disk lost')
        forgotten++
        reboot(() => {
          disk.wipe()
          truth.wipe()
        })
    }
  }
  const wake = ({ machine }: { readonly machine: import('../machine.ts').Machine }): void => {
    machine.wake()
    machine.signal('resumed')
    machine.signal('visible')
  }
  const online = (tab: Tab): void => {
    tab.wire.door = 'open'
    tab.run?.machine.signal('online')
  }

  const isOfAnother = (channel: string, person: string): boolean =>
    channel.startsWith('own/') && channel !== `own/${person}`
  const signInAgain = (): void => {
    for (const { tab } of tabs) {
      const { run } = tab
      if (!run) continue
      if (run.client.status$.get().at === 'needs-auth') run.client.retryNow()
      // Access that was taken away is there again for who asks.
      for (const [channel, { handle, view }] of run.followed)
        if (handle.state$.get().phase === 'refused' && !isOfAnother(channel, run.person)) view.refresh()
    }
  }

  host.start(1)
  for (const { tab, enters } of tabs) {
    tab.open()
    if (enters) tab.present('list/a', 'enter')
  }

  return {
    scheduler,
    truth,
    book,
    tabs: tabs.map(({ tab }) => tab),
    host,
    authority,
    disk,
    clientDisks,
    get violation() {
      return violation
    },
    get faults() {
      for (const kind of ['lost', 'doubled', 'late'] as const)
        if (provider.faults[kind] > 0) faults.set(`message ${kind}`, provider.faults[kind])
      return faults
    },
    lines,
    get hash() {
      return hash
    },
    perform,
    violated,
    hasForgotten: () => forgotten > 0,
    signInAgain,
    calm: () => {
      log('— all faults end')
      calmed = true
      Object.assign(provider, { lost: 0, doubled: 0, late: 0, down: false })
      authority.trouble = undefined
      disk.down = false
      disk.latency = 3
      for (const each of clientDisks) each.trouble = undefined
      for (const { machine } of host.alive) machine.killAfter(Number.POSITIVE_INFINITY)
      for (const { tab } of tabs) {
        Object.assign(tab.wire, { door: 'open', rate: undefined, latency: 5 })
        const { run } = tab
        if (run) {
          run.machine.killAfter(Number.POSITIVE_INFINITY)
          if (run.machine.asleep) wake(run)
          run.machine.signal('online')
          if (run.client.status$.get().at === 'needs-auth') run.client.retryNow()
          for (const { handle, view } of run.followed.values())
            if (handle.state$.get().phase === 'refused') view.refresh()
          // Who is on a list that was taken away uses it anew.
          for (const list of [...tab.entered.keys(), ...run.watching]) tab.join(list)
        }
      }
    },
    discardParked: () => {
      let some = false
      for (const { tab } of tabs) if (tab.discardParked()) some = true
      if (some) log('— what is parked is discarded')
      return some
    },
    closeAll: () => {
      for (const { tab } of tabs) tab.close()
      scheduler.after(15_000, () => host.close())
    },
  }
}
