import { expect, it } from 'vitest'
import type { StoredAnswer } from '../store/hub-store.ts'
import { outcomeText, readOutcome } from './outcome-text.ts'

const outcomes: readonly StoredAnswer['outcome'][] = [
  { type: 'accepted', result: 'null', effects: [] },
  {
    type: 'accepted',
    result: '{\n"text": "two\\nlines" }',
    effects: [
      { channel: 'a\nb', position: { epoch: 'e', seq: 3 } },
      { channel: '+', position: { epoch: '\n', seq: 4 } },
    ],
  },
  { type: 'rejected', error: { code: 'rejected', detail: 'A\ntodo' } },
]

it('reads every outcome as it was written', () => {
  for (const outcome of outcomes) expect(readOutcome(outcomeText(outcome))).toEqual(outcome)
})

it('reads what files from before hold', () => {
  for (const outcome of outcomes) expect(readOutcome(JSON.stringify(outcome))).toEqual(outcome)
})
