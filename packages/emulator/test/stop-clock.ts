import { onTestFinished, vi } from 'vitest'

/**
 * Stops the clock of emulators that are started from here on; `pass` lets milliseconds go by on it. Ably's SDK took
 * hold of the real one when it was loaded and stays on it, so that nothing is over before a test says so.
 */
export const stopClock = () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  return { pass: (milliseconds: number) => void vi.advanceTimersByTime(milliseconds) }
}
