import type { Effect } from '@syncline/core/protocol'
import type { StoredAnswer } from '../store/hub-store.ts'

type Outcome = StoredAnswer['outcome']

/** Leads an accepted outcome; a JSON object, which begins otherwise, is any outcome as it was once written. */
const ACCEPTED = '+'

/**
 * An outcome as its column holds it. The result of an accepted one is JSON already and the greater part by far: it
 * stands behind the effects as it is, where JSON of the whole would go through it again.
 */
export const outcomeText = (outcome: Outcome): string =>
  outcome.type === 'accepted'
    ? `${ACCEPTED}${JSON.stringify(outcome.effects)}\n${outcome.result}`
    : JSON.stringify(outcome)

export const readOutcome = (text: string): Outcome => {
  if (!text.startsWith(ACCEPTED)) return JSON.parse(text) as Outcome
  // JSON on one line has no line break in it.
  const end = text.indexOf('\n')
  const effects = JSON.parse(text.slice(ACCEPTED.length, end)) as readonly Effect[]
  return { type: 'accepted', result: text.slice(end + 1), effects }
}
