import type { Truth, TruthMessage } from './truth.ts'
import type { World } from './world.ts'
import { type MadeWrite, tagsOn } from './writes.ts'

const effectsOf = (write: MadeWrite): readonly string[] => [
  ...tagsOn(write, write.channel),
  ...tagsOn(write, write.channel === 'list/a' ? 'list/b' : 'list/a').filter(
    (tag) => !tagsOn(write, write.channel).includes(tag),
  ),
]

/** Accepted more than once with nothing in between that made the hub forget the first time. */
const acceptedTwice = ({ commits, setbacks }: Truth, { id }: MadeWrite): boolean => {
  const accepted = commits.flatMap(({ answer }, index) =>
    answer?.id === id && answer.outcome.type === 'accepted' ? [index] : [],
  )
  return accepted.some(
    (index, which) =>
      which > 0 && !setbacks.some((at) => at > (accepted[which - 1] as number) && at <= index),
  )
}

/** One committed effect for each write, all of it or nothing. */
const checkEffects = ({ truth, violated }: World, write: MadeWrite): void => {
  const tags = effectsOf(write)
  const places = tags.map((tag) => truth.places(tag))
  for (const [index, found] of places.entries())
    if (found.length > 1)
      violated(
        'no double effect',
        `${tags[index]} is committed at ${found.map(({ channel, seq }: TruthMessage) => `${channel} ${seq}`).join(' and ')}`,
      )
  const there = places.filter(({ length }) => length > 0).length
  if (there > 0 && there < tags.length)
    violated('no double effect', `only ${there} of the ${tags.length} messages of ${write.tag} are committed`)
  const accepted = truth.answers(write.id).filter(({ answer }) => answer.outcome.type === 'accepted')
  if (acceptedTwice(truth, write))
    violated('no double effect', `${write.tag} was accepted ${accepted.length} times`)
  const rejected = truth.answers(write.id).some(({ answer }) => answer.outcome.type === 'rejected')
  if (rejected && accepted.length === 0 && there > 0)
    violated('receipts', `${write.tag} was rejected, and its effect is there`)
}

/** What was called durable was told to be accepted, is given up, or is in the storage: parked, or as who has it is not here. */
const checkKept = ({ clientDisks, violated }: World, write: MadeWrite): void => {
  if (!write.durable || write.givenUp || write.accepted) return
  const stored = clientDisks.some((disk) =>
    [...disk.contents.values()].some(({ outbox }) =>
      [...outbox.values()].some((record) => (record as { readonly id: string }).id === write.id),
    ),
  )
  if (!stored)
    violated(
      'no loss',
      `${write.tag} (${write.id}) was in the outbox, and is neither there nor told to be accepted`,
    )
}

/**
 * Writes of one client with one key are committed in the order in which they were made, and none after one that was
 * rejected and nobody has given up.
 */
const checkKeys = ({ truth, book, violated }: World): void => {
  const last = new Map<string, MadeWrite>()
  const rejected = new Map<string, MadeWrite>()
  for (const { answer } of truth.commits) {
    const write = answer && book.all.get(answer.id)
    if (!write || write.key === undefined || write.isRetry) continue
    const line = `${write.maker} ${write.channel} ${write.key}`
    if (answer.outcome.type === 'rejected') {
      if (!write.givenUp) rejected.set(line, write)
      continue
    }
    const before = last.get(line)
    if (before && before.order > write.order)
      violated(
        'order',
        `${write.tag} is committed after ${before.tag}, which has the same key and is younger`,
      )
    const parked = rejected.get(line)
    if (parked && parked.order < write.order)
      violated('order', `${write.tag} is committed, though ${parked.tag} with the same key is parked`)
    last.set(line, write)
  }
}

/** What the app's own tables hold was written once, with what was committed. */
const checkTables = ({ truth, disk, violated }: World): void => {
  for (const [key, value] of disk.tables) {
    if (value !== 1) violated('no double effect', `the table says ${value} for "${key}"`)
    const id = key.slice('mark '.length)
    if (!truth.answers(id).some(({ answer }) => answer.outcome.type === 'accepted'))
      violated('no double effect', `the table holds "${key}", and the write was not accepted`)
  }
}

/** After everything has come to rest. */
export const checkFinally = (world: World): void => {
  for (const write of world.book.all.values()) {
    checkEffects(world, write)
    checkKept(world, write)
  }
  checkKeys(world)
  checkTables(world)
  const differing = world.registers.differing()
  if (differing !== undefined) world.violated('convergence', differing)
  if (world.authority.overlaps > 0) world.violated('identity', 'a client asked for two tokens at once')
}
