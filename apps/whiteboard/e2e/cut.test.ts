import {
  type AblyEmulator,
  type PusherEmulator,
  startAblyEmulator,
  startPusherEmulator,
} from '@syncline/emulator'
import { eventually } from 'demo-support/e2e'
import { afterAll, beforeAll, it } from 'vitest'
import { useStage } from './support/stage.ts'
import type { BoardWindow } from './support/window.ts'

// Emulators of our own, so that they can be cut off while the server goes on.
let emulators: { readonly pusher: PusherEmulator; readonly ably: AblyEmulator }
beforeAll(async () => {
  emulators = { pusher: await startPusherEmulator(), ably: await startAblyEmulator() }
})
afterAll(() => Promise.all(Object.values(emulators).map((emulator) => emulator.close())))

const stage = useStage(() => {
  const { pusher, ably } = emulators
  return {
    PUSHER_APP_ID: pusher.appId,
    PUSHER_KEY: pusher.key,
    PUSHER_SECRET: pusher.secret,
    PUSHER_HOST: pusher.host,
    PUSHER_PORT: String(pusher.port),
    ABLY_API_KEY: ably.key,
    ABLY_HOST: ably.host,
    ABLY_PORT: String(ably.port),
  }
})

it.each(['pusher', 'ably'] as const)(
  'loses nothing on %s while it is cut off, and delays nobody else',
  async (provider) => {
    const windows = await stage.openAll()
    const cut = provider === 'pusher' ? windows[2]! : windows[3]!
    const others = windows.filter((window) => window !== cut)
    const { faults } = emulators[provider]
    for (const window of windows) await eventually(async () => (await window.people()).length).toBe(4)

    faults.refuse(true)
    faults.drop()
    await cut.status.getByText('Reconnecting').waitFor()
    // Nobody waits for who is cut off, as it is cut off until all of these were heard, however slow the machine is.
    const saying = texts('While it was cut', 5)
    for (const [index, text] of saying.entries()) {
      await others[index % 3]!.say(text)
      for (const window of others) await hears(window, saying.slice(0, index + 1))
    }
    await cut.say('From the one that is cut off')
    await cut.draw([0.4, 0.4])
    await cut.status.getByText('2 changes waiting').waitFor()

    faults.clear()
    await cut.hurry()
    await cut.allSaved()
    for (const window of windows) {
      await hears(window, [...saying, 'From the one that is cut off'])
      await eventually(async () => (await window.strokes()).length).toBe(1)
    }
    await others[0]!.say('Together again')
    await eventually(async () => (await cut.messages()).at(-1)).toBe('Together again')
  },
)

const texts = (text: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${text} ${index + 1}`)

const hears = (window: BoardWindow, messages: string[]) => eventually(window.messages).toEqual(messages)
