import { BehaviorSubject, Subject, throwError } from 'rxjs'
import { expect, test } from 'vitest'
import { collect } from './collect.ts'
import { eventually, until } from './until.ts'

test('until resolves with the present value or a later one, and lets go', async () => {
  const state$ = new BehaviorSubject(1)
  expect(await until(state$, (value) => value === 1)).toBe(1)
  const later = until(state$, (value) => value === 2)
  state$.next(2)
  expect(await later).toBe(2)
  expect(state$.observed).toBe(false)
})

test('until says what did not come and what came last', async () => {
  const state$ = new BehaviorSubject({ at: 'connecting' })
  await expect(
    until(state$, ({ at }) => at === 'connected', { timeout: 10, what: 'A link' }),
  ).rejects.toThrow(/A link did not come about within 10 ms\. Last: \{ at: 'connecting' \}/)
  expect(state$.observed).toBe(false)
})

test('until fails at an error, at the end, and where the check throws', async () => {
  await expect(
    until(
      throwError(() => new Error('broken')),
      () => true,
    ),
  ).rejects.toThrow('broken')
  const subject = new Subject<number>()
  const ended = until(subject, () => false)
  subject.complete()
  await expect(ended).rejects.toThrow('before the end')
  const check = () => {
    throw new Error('no such field')
  }
  await expect(until(new BehaviorSubject(1), check)).rejects.toThrow('no such field')
})

test('eventually takes what no longer throws, and tells the last failure', async () => {
  let looks = 0
  const check = () => {
    if (++looks < 3) throw new Error('not yet')
    return looks
  }
  expect(await eventually(check)).toBe(3)
  const never = eventually(() => false, { timeout: 10, what: 'The end' })
  await expect(never).rejects.toThrow(/The end did not come about/)
})

test('collect keeps what comes until it is stopped', async () => {
  const subject = new Subject<number>()
  const seen = collect(subject)
  subject.next(1)
  const two = seen.until(({ length }) => length === 2)
  subject.next(2)
  expect(await two).toEqual([1, 2])
  seen.stop()
  subject.next(3)
  expect(seen.values).toEqual([1, 2])
})
