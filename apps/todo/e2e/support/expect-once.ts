import { eventually } from 'demo-support/e2e'
import { expect } from 'vitest'
import type { TodoWindow } from './browser.ts'
import type { startServer } from './server.ts'

type Server = Awaited<ReturnType<typeof startServer>>

/** Each of these is there once, at the hub and in every window, and no window has anything left to send. */
export const expectOnce = async (server: Server, titles: readonly string[], ...windows: TodoWindow[]) => {
  const all = titles.toSorted()
  await eventually(() => server.stored().length).toBe(all.length)
  expect(server.stored().toSorted()).toEqual(all)
  for (const window of windows) {
    await window.allSaved()
    await eventually(async () => (await window.titles()).toSorted()).toEqual(all)
  }
}
