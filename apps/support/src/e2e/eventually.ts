import { expect } from 'vitest'

/** Asserts about something that becomes true: asked again until it is. */
export const eventually = <T>(read: () => T | Promise<T>) =>
  expect.poll(read, { timeout: 60_000, interval: 10 })

/** `todo 1` to `todo n`, under a name. */
export const series = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index + 1}`)
