import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { Elsewhere } from './elsewhere.ts'

const setUp = () => {
  const time = createVirtualTime()
  const elsewhere = new Elsewhere()
  const ended: string[] = []
  const wait = (name: string, ms = 1_000) => {
    const answer = elsewhere.ended(time.environment, ms)
    return answer === true
      ? undefined
      : answer.then((all) => void ended.push(all ? name : `${name}, in vain`))
  }
  return { time, elsewhere, ended, wait }
}

it('waits for what runs when it is asked, and for nothing that begins later', async () => {
  const { time, elsewhere, ended, wait } = setUp()
  expect(wait('nothing runs')).toBeUndefined()
  const a = elsewhere.begin()
  const b = elsewhere.begin()
  void wait('first')
  const c = elsewhere.begin()
  void wait('second')
  elsewhere.begin()
  elsewhere.end(a)
  await time.settle()
  expect(ended).toEqual([])
  elsewhere.end(b)
  await time.settle()
  expect(ended).toEqual(['first'])
  elsewhere.end(c)
  await time.settle()
  expect(ended).toEqual(['first', 'second'])
})

it('waits for an older writer too that others have waited for', async () => {
  const { time, elsewhere, ended, wait } = setUp()
  const a = elsewhere.begin()
  void wait('first', 10)
  await time.advance(10)
  expect(ended).toEqual(['first, in vain'])
  void wait('second')
  await time.settle()
  expect(ended).toEqual(['first, in vain'])
  elsewhere.end(a)
  await time.settle()
  expect(ended).toEqual(['first, in vain', 'second'])
  expect(wait('nothing runs')).toBeUndefined()
})
