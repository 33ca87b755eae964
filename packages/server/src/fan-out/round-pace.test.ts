import { expect, it } from 'vitest'
import { RoundPace } from './round-pace.ts'

const full = 64

/** Rounds of so many milliseconds, each right behind the one before. Returns when the last one ended. */
const press = (pace: RoundPace, rounds: number, took: number): number => {
  for (let round = 0; round < rounds; round++) pace.sent(round * took, (round + 1) * took, 1, false)
  return rounds * took
}

it('lets a message go at once that comes after a pause, however long the round before it took', () => {
  const pace = new RoundPace()
  for (let at = 0; at < 1_000; at += 17) {
    expect(pace.wait(at, 1, full)).toBe(0)
    pace.sent(at, at + 14, 1, false)
  }
})

it('holds a round back for as long as the last one took once rounds follow one another', () => {
  const pace = new RoundPace()
  expect(pace.wait(press(pace, 2, 8), 1, full)).toBe(0)
  const ended = press(pace, 3, 8)
  expect(pace.wait(ended, 1, full)).toBe(8)
  expect(pace.wait(ended + 5, 3, full)).toBe(3)
  expect(pace.wait(ended + 9, 3, full)).toBe(0)
})

it('holds nothing back for long: not more than 10 ms, and no full frame', () => {
  const pace = new RoundPace()
  const ended = press(pace, 5, 300)
  expect(pace.wait(ended, 63, full)).toBe(10)
  expect(pace.wait(ended, 64, full)).toBe(0)
  // A clock that was set back.
  expect(pace.wait(ended - 60_000, 1, full)).toBe(10)
})

it('holds rounds back no longer that took no time', () => {
  const pace = new RoundPace()
  expect(pace.wait(press(pace, 9, 1), 1, full)).toBe(0)
})

it('goes on while messages gather, and stops once one was held back alone', () => {
  const pace = new RoundPace()
  const ended = press(pace, 3, 8)
  pace.sent(ended + 8, ended + 16, 5, true)
  expect(pace.wait(ended + 16, 1, full)).toBe(8)
  pace.sent(ended + 24, ended + 32, 1, true)
  expect(pace.wait(ended + 32, 1, full)).toBe(0)
})
