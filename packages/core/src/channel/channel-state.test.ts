import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ChannelFacts, nextRequest, phaseOf } from './channel-state.ts'

const nothing: ChannelFacts = {
  wanted: false,
  linked: false,
  loading: false,
  refused: false,
  joined: false,
  wasLive: false,
  behind: false,
  overdue: false,
  full: false,
  restoring: false,
}
const facts = (...true_: (keyof ChannelFacts)[]): ChannelFacts => ({
  ...nothing,
  ...Object.fromEntries(true_.map((name) => [name, true])),
})

it.each([
  ['idle', undefined, facts()],
  ['offline', undefined, facts('wanted')],
  ['catching-up', 'join', facts('wanted', 'linked')],
  ['catching-up', undefined, facts('wanted', 'linked', 'loading')],
  ['refused', undefined, facts('wanted', 'linked', 'refused')],
  ['gap', 'join', facts('wanted', 'linked', 'wasLive')],
  ['catching-up', 'fetch', facts('wanted', 'linked', 'joined', 'behind')],
  ['catching-up', undefined, facts('wanted', 'linked', 'joined', 'behind', 'full')],
  ['live', undefined, facts('wanted', 'linked', 'joined', 'wasLive')],
  ['live', undefined, facts('wanted', 'linked', 'joined', 'wasLive', 'behind')],
  ['gap', 'fetch', facts('wanted', 'linked', 'joined', 'wasLive', 'behind', 'overdue')],
  ['snapshot', undefined, facts('wanted', 'linked', 'joined', 'wasLive', 'restoring')],
] as const)('is %s and asks for %s', (phase, request, given) => {
  expect(phaseOf(given)).toBe(phase)
  expect(nextRequest(given)).toBe(request)
})

it('is live only when joined, and asks nothing of a hub that is not there', () => {
  const any = fc.record(
    Object.fromEntries(Object.keys(nothing).map((name) => [name, fc.boolean()])),
  ) as unknown as fc.Arbitrary<ChannelFacts>
  fc.assert(
    fc.property(any, (given) => {
      if (phaseOf(given) === 'live')
        expect(given).toMatchObject({ wanted: true, linked: true, joined: true, wasLive: true })
      if (!given.linked || !given.wanted) expect(nextRequest(given)).toBeUndefined()
    }),
  )
})
