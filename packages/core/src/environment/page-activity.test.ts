import { afterEach, expect, it, vi } from 'vitest'
import { pageActivity } from './page-activity.ts'

afterEach(() => vi.unstubAllGlobals())

const page = () => {
  const target = new EventTarget()
  const added = vi.spyOn(target, 'addEventListener')
  const removed = vi.spyOn(target, 'removeEventListener')
  vi.stubGlobal('document', Object.assign(target, { visibilityState: 'visible' }))
  const fire = (type: string, timeStamp: number) => {
    const event = new Event(type)
    Object.defineProperty(event, 'timeStamp', { value: timeStamp })
    target.dispatchEvent(event)
  }
  return { fire, added, removed, document: target as EventTarget & { visibilityState: string } }
}

it('is not there where there is no page', () => {
  expect(pageActivity()).toBeUndefined()
})

it('tells of what a person does, at most once a second, while it is listened to', () => {
  const { fire, added, removed } = page()
  const { inputs$ } = pageActivity()!
  expect(added).not.toHaveBeenCalled()
  let seen = 0
  const subscription = inputs$.subscribe(() => seen++)
  fire('pointermove', 5_000)
  fire('pointermove', 5_500)
  fire('keydown', 5_999)
  expect(seen).toBe(1)
  fire('wheel', 6_000)
  fire('load', 9_000)
  expect(seen).toBe(2)
  subscription.unsubscribe()
  fire('keydown', 99_000)
  expect(seen).toBe(2)
  expect(removed.mock.calls).toEqual(added.mock.calls)
})

it('knows whether the page can be seen', () => {
  const { document } = page()
  const activity = pageActivity()
  expect(activity?.isVisible()).toBe(true)
  document.visibilityState = 'hidden'
  expect(activity?.isVisible()).toBe(false)
})
