import { expect, it } from 'vitest'
import type { HubFrame } from '../protocol/frames.ts'
import { createFrameRouter } from './frame-router.ts'

const refused = (channel: string): HubFrame => ({ type: 'refused', channel, error: { code: 'forbidden' } })

it('hands a frame to the listeners of its channel, and forgets a channel without any', () => {
  const router = createFrameRouter()
  const seen: string[] = []
  const listen = (name: string, as: string) =>
    router.channel(name).subscribe((frame) => seen.push(`${as}:${frame.type}`))
  const [first, second, other] = [listen('a', '1'), listen('a', '2'), listen('b', '3')]
  expect(router.size).toBe(2)
  const head = { epoch: 'e', seq: 1, id: 'm' }
  router.route([refused('a'), { type: 'heads', heads: [['b', head]] }, refused('c')])
  expect(seen).toEqual(['1:refused', '2:refused', '3:heads'])
  first.unsubscribe()
  router.route([refused('a')])
  expect(seen.slice(3)).toEqual(['2:refused'])
  second.unsubscribe()
  other.unsubscribe()
  expect(router.size).toBe(0)
  const again = listen('a', '4')
  router.route([refused('a')])
  expect(seen.slice(4)).toEqual(['4:refused'])
  again.unsubscribe()
})
