import { defaultLimits, type Limits, type StoredAnswer } from '@syncline/server'
import { createChance } from '../chance.ts'
import { createClientDisk } from '../client-disk.ts'
import type { Endpoint } from '../endpoint.ts'
import { createHubDisk, type HubDisk } from '../hub-disk.ts'
import { createLossyProvider, type LossyProvider } from '../lossy-provider.ts'
import { createScheduler } from '../scheduler.ts'
import { createAuthority } from './authority.ts'
import { calm, ownersComeBack, signInAgain } from './calm.ts'
import { createChronicle } from './chronicle.ts'
import type { Circumstances } from './circumstances.ts'
import { createContinuity } from './continuity.ts'
import { createTab } from './create-tab.ts'
import { createDenials } from './denials.ts'
import type { Earliest } from './earliest.ts'
import { excusesOf } from './excuses.ts'
import { createHubHost, type HubHost, type HubHostContext } from './hub-host.ts'
import { createPerformer } from './perform.ts'
import type { Plan } from './plan.ts'
import { createRegisters, type Registers } from './registers.ts'
import type { Scene } from './scene.ts'
import { createSigns } from './signs.ts'
import type { Step } from './steps.ts'
import type { Tab } from './tab.ts'
import { createTruth } from './truth.ts'
import type { Promised, Violation } from './violation.ts'
import { createEpochWatch } from './watch-epochs.ts'
import { createWriteBook, personOf } from './writes.ts'

/** A whole system in one process. */
export interface World extends Omit<Scene, 'later' | 'chronicle' | 'circumstances' | 'provider'> {
  /** The hub's. */
  readonly limits: Limits
  readonly registers: Registers
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
  /** Ends all faults. */
  calm(): void
  /** Who has an anonymous tab's storage is the one who opens it. */
  ownersComeBack(): void
  /** Whoever was given another's token signs in again. */
  signInAgain(): void
  /** What is parked is given up everywhere. False: nothing was. */
  discardParked(): boolean
  closeAll(): void
}

/** Events of one history: it has some thousands. With so many, something keeps itself busy. */
const MOST_EVENTS = 200_000

const isOutdated = ({ outcome }: StoredAnswer): boolean =>
  outcome.type === 'rejected' && outcome.error.code === 'contract-outdated'

type Ground = Pick<Scene, 'scheduler' | 'truth' | 'book' | 'chronicle'>

const createDisk = (
  chance: ReturnType<typeof createChance>,
  ground: Ground,
  version: () => number | undefined,
): HubDisk => {
  const { scheduler, truth, book, chronicle } = ground
  const { log, violated } = chronicle
  const watchEpoch = createEpochWatch(
    () => chronicle.faults.has('backup restored'),
    (message) => violated('order', message),
  )
  return createHubDisk({
    chance: chance.fork('hub disk'),
    happened: chronicle.happened,
    committed: (commit) => {
      truth.commit(commit)
      for (const { channel, messages } of commit.appended)
        for (const { epoch, seq, json } of messages) {
          watchEpoch(channel, epoch, seq)
          log(`committed ${channel} ${seq} ${json}`)
        }
      const { answer, stream } = commit
      if (!answer || !stream) return
      const write = book.all.get(answer.id)
      log(`answered ${write?.tag ?? answer.id} ${answer.outcome.type} to ${stream.subject} as ${answer.n}`)
      if (!write) return
      write.committedAt = scheduler.now
      if (isOutdated(answer) && version() !== 1)
        violated('receipts', `${write.tag} is refused as outdated by a hub of the newest contract`)
      if (!write.givenUp && personOf(write) !== stream.subject)
        violated('identity', `${write.tag} of ${write.person} is committed as ${stream.subject}'s`)
    },
  })
}

const createHost = (
  plan: Plan,
  chance: ReturnType<typeof createChance>,
  { scheduler, truth, book, chronicle }: Ground,
  parts: {
    readonly disk: HubDisk
    readonly provider: LossyProvider
    readonly endpoint: Endpoint
    readonly authority: Scene['authority']
    readonly earliest: HubHostContext['earliest']
  },
): HubHost => {
  const runsOf = new Map<string, number>()
  return createHubHost({
    ...parts,
    scheduler,
    chance: chance.fork('hub'),
    truth,
    settings: plan.hub,
    log: chronicle.log,
    happened: chronicle.happened,
    ran: (writeId, subject) => {
      const write = book.all.get(writeId)
      if (write && !write.givenUp && personOf(write) !== subject)
        chronicle.violated('identity', `${write.tag} of ${write.person} runs as ${subject}'s`)
      const runs = (runsOf.get(writeId) ?? 0) + 1
      runsOf.set(writeId, runs)
      return runs
    },
    broken: (message) => chronicle.violated('no silent failure', message),
    overran: (message) => chronicle.violated('flow control', message),
  })
}

/** @param keepLines keeps what happened, as text */
export const createWorld = (plan: Plan, keepLines: boolean): World => {
  const chance = createChance(plan.seed).fork('world')
  const scheduler = createScheduler(undefined, MOST_EVENTS)
  const chronicle = createChronicle(scheduler, keepLines)
  const { faults, log, violated, happened } = chronicle
  const [truth, book] = [createTruth(), createWriteBook()]
  const registers = createRegisters(book)
  const ground = { scheduler, truth, book, chronicle }
  const circumstances: Circumstances = {
    setbacks: [],
    clockTrouble: plan.tabs.some(({ skew }) => skew !== 0),
    earliest: new Map(),
    revocations: [],
    calmed: false,
  }
  const authority = createAuthority(scheduler, happened)
  authority.life = plan.tokenLife
  const provider = createLossyProvider({ scheduler, chance: chance.fork('provider'), happened })
  Object.assign(provider, plan.provider)
  const endpoint: Endpoint = { process: undefined }
  const disk = createDisk(chance, ground, () => host.running?.contracts.version)
  const earliest = (channel: string): Earliest | undefined => circumstances.earliest.get(channel)
  const host: HubHost = createHost(plan, chance, ground, { disk, provider, endpoint, authority, earliest })
  const clientDisks = plan.devices.map(({ locks }, index) =>
    createClientDisk({ scheduler, chance: chance.fork(`device ${index}`), locks, happened }),
  )
  const tabs: Tab[] = []
  const scene: Scene = {
    ...ground,
    circumstances,
    authority,
    provider,
    host,
    disk,
    clientDisks,
    tabs,
    later: (ms, end) => void scheduler.after(ms, () => !circumstances.calmed && end()),
  }
  const limits = { ...defaultLimits, ...plan.hub.limits }
  const tabWorld = {
    ...excusesOf(plan, scene),
    denials: createDenials(authority, circumstances),
    signs: createSigns(),
    continuity: createContinuity(disk, truth, earliest),
    earliest,
    scheduler,
    chance,
    truth,
    book,
    registers,
    disks: clientDisks,
    endpoint,
    provider,
    authority,
    laterSchemas: plan.hub.laterSchemas,
    limits,
    linger: plan.linger,
    bufferMessages: plan.bufferMessages,
    log,
    happened,
    violated,
  }
  for (const [index, { joins, enters: _, ...settings }] of plan.tabs.entries()) {
    const tab = createTab(index, settings, tabWorld)
    for (const channel of joins) tab.join(channel)
    tabs.push(tab)
  }

  if (plan.tabs.some(({ anonymous }) => anonymous)) chronicle.happened('anonymous client')
  host.start(1)
  for (const [index, { enters }] of plan.tabs.entries()) {
    tabs[index]?.open()
    if (enters) tabs[index]?.present('list/a', 'enter')
  }

  return {
    limits,
    scheduler,
    truth,
    book,
    registers,
    tabs,
    host,
    authority,
    disk,
    clientDisks,
    get violation() {
      return chronicle.violation
    },
    get faults() {
      for (const kind of ['lost', 'doubled', 'late'] as const)
        if (provider.faults[kind] > 0) faults.set(`message ${kind}`, provider.faults[kind])
      return faults
    },
    lines: chronicle.lines,
    get hash() {
      return chronicle.hash
    },
    perform: createPerformer(scene),
    violated,
    ownersComeBack: () => ownersComeBack(scene),
    signInAgain: () => signInAgain(scene),
    calm: () => calm(scene),
    discardParked: () => {
      let some = false
      for (const tab of tabs) if (tab.discardParked()) some = true
      if (some) log('— what is parked is discarded')
      return some
    },
    closeAll: () => {
      for (const tab of tabs) tab.close()
      scheduler.after(2_000, () => {
        for (const { wire } of tabs) wire.miss()
      })
      scheduler.after(15_000, () => {
        host.checkBounds()
        host.close()
      })
    },
  }
}
