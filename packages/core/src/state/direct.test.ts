import { Observable, Subject } from 'rxjs'
import { expect, test } from 'vitest'
import { direct } from './direct.ts'

test('takes values until it is unsubscribed, and knows an end', () => {
  const source$ = new Subject<number>()
  const seen: number[] = []
  const subscription = source$.subscribe(direct((value) => seen.push(value)))
  source$.next(1)
  subscription.unsubscribe()
  source$.next(2)
  expect(seen).toEqual([1])
  expect(source$.observed).toBe(false)
  source$.subscribe(direct(() => undefined))
  source$.complete()
  expect(source$.observed).toBe(false)
})

test('hands the end on, and ends with whom it serves', () => {
  const source$ = new Subject<number>()
  const seen: unknown[] = []
  const doubled$ = new Observable<number>((subscriber) =>
    source$.subscribe(direct((value) => subscriber.next(2 * value), subscriber)),
  )
  const observer = { next: (value: number) => seen.push(value), complete: () => seen.push('end') }
  doubled$.subscribe(observer).unsubscribe()
  expect(source$.observed).toBe(false)
  doubled$.subscribe(observer)
  source$.next(1)
  source$.complete()
  expect(seen).toEqual([2, 'end'])
})
