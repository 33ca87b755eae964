// People in one room, in a process of their own. Arguments: whom they speak to (`hub` or `plain`), port, how many.
import { setTimeout as delay } from 'node:timers/promises'
import { PROTOCOL_VERSION } from '@syncline/core/protocol'
import { serveCalls } from '../process/serve-calls.ts'
import { clock } from '../process/usage.ts'
import { Listener } from './listener.ts'
import { openWebSocketClient } from './web-socket-client.ts'

const [peer, port, count] = process.argv.slice(2)
const isHub = peer === 'hub'
/** Connections on their way at a time. */
const opening = 100

interface Person {
  readonly listener: Listener
  send(packet: string): void
}

let waiting = 0
let allHeard = () => {}
const heard = () => {
  if (--waiting === 0) allHeard()
}
const marker = isHub ? '"revision":[' : '["cursor",'

const hubFrames = (...frames: readonly object[]): string =>
  `42/syncline,${JSON.stringify(['syncline', ...frames])}`
const inRoom = (type: string, shared: object = {}): string => hubFrames({ type, channel: 'room', ...shared })

const open = async (index: number): Promise<Person> => {
  const listener = new Listener(marker, index === 0, heard)
  const frames = [
    { type: 'hello', version: PROTOCOL_VERSION, client: `bench-${process.pid}-${index}` },
    { type: 'join', channel: 'room' },
  ]
  const socket = openWebSocketClient({
    port: Number(port),
    tally: listener,
    connectPacket: isHub ? `40/syncline,${JSON.stringify({ frames })}` : '40',
    isJoined: (packet) => (isHub ? packet.includes('"type":"joined"') : packet.startsWith('40')),
  })
  await socket.opened
  return { listener, send: socket.send }
}

const people: Person[] = []
while (people.length < Number(count)) {
  const next = Math.min(opening, Number(count) - people.length)
  people.push(...(await Promise.all(Array.from({ length: next }, (_, n) => open(people.length + n)))))
}

/** Calls `act` for each person in turn, spread evenly over `ms`, as many times. */
const spread = async (
  ms: number,
  times: number,
  act: (person: Person, index: number, time: number) => void,
) => {
  const begun = clock()
  const all = people.length * times
  for (let done = 0; done < all; ) {
    const due = Math.min(all, Math.ceil(((clock() - begun) / 1_000 / (ms * times)) * all))
    for (; done < due; done++) {
      const index = done % people.length
      act(people[index] as Person, index, Math.floor(done / people.length))
    }
    await delay(1)
  }
}

/** How long it takes, in ms, until everybody has heard what one says. */
const untilAllHeard = async (text: string, say: () => void): Promise<number> => {
  const all = new Promise<void>((resolve) => {
    allHeard = resolve
  })
  waiting = people.length
  for (const { listener } of people) listener.waitFor(text)
  const begun = clock()
  say()
  const late = delay(30_000, undefined, { ref: false }).then(() => {
    throw new Error(`${waiting} of ${people.length} have not heard of ${text}.`)
  })
  await Promise.race([all, late])
  return (clock() - begun) / 1_000
}

const framesHeard = (): number =>
  people.reduce((sum, { listener }) => sum + listener.count, 0) / people.length

/** What the first person ends with: the member's names by id, as a client folds them. */
const folded = (): readonly string[] => {
  const names = new Map<string, string>()
  const text = people[0]?.listener.text ?? ''
  // Whoever missed much gets the whole list.
  const change =
    /"type":"(members)"|\{"id":"([\w-]+)","person":"[^"]*","since":\d+,"state":\{"name":"([^"]*)"|\["update","([\w-]+)",\{"state":\{"name":"([^"]*)"|\["leave","([\w-]+)"/g
  for (const [, all, there, as, updated, to, left] of text.matchAll(change)) {
    if (all !== undefined) names.clear()
    if (there !== undefined) names.set(there, as ?? '')
    if (updated !== undefined) names.set(updated, to ?? '')
    if (left !== undefined) names.delete(left)
  }
  return [...names.values()]
}

/** Cursors moved so far: each place is told by its number. */
let moved = 0
/** The number of the last cursor of each of the others, as the first person heard it. */
const lastCursors = (): readonly number[] => {
  const last = new Map<string, number>()
  const text = people[0]?.listener.text ?? ''
  const move = isHub
    ? /"(?:update|enter)",(?:\{"id":)?"([\w-]+)",[^[\]]*?"cursor":\{"n":(\d+)/g
    : /\["cursor","([^"]+)",\{"n":(\d+)/g
  for (const [, who = '', n] of text.matchAll(move)) last.set(who, Number(n))
  return [...last.values()]
}

const methods = {
  /** Everybody watches from now on. */
  watch: async (): Promise<void> => {
    for (const { send } of people) send(inRoom('watch'))
    await delay(500)
  },
  /** Everybody enters, spread over so many ms; then how long until all agree. */
  enter: async (ms: number): Promise<number> => {
    if (!isHub) {
      for (const { send } of people) send('42["enter"]')
      await delay(500)
      return 0
    }
    await spread(ms, 1, ({ send }, index) => send(inRoom('enter', { state: { name: `p${index}` } })))
    return untilAllHeard('all-entered', () =>
      people[0]?.send(inRoom('update', { state: { name: 'all-entered' } })),
    )
  },
  /** Everybody changes once a second, for so many seconds. */
  update: async (seconds: number): Promise<number> => {
    await spread(1_000, seconds, ({ send }, index, time) =>
      send(inRoom('update', { state: { name: `p${index}-${time}` } })),
    )
    return untilAllHeard('all-updated', () =>
      people[0]?.send(inRoom('update', { state: { name: 'all-updated' } })),
    )
  },
  /** All but the first leave, spread over so many ms. */
  exit: async (ms: number): Promise<number> => {
    await spread(ms, 1, ({ send }, index) => {
      if (index > 0) send(inRoom('exit'))
    })
    return untilAllHeard('all-left', () => people[0]?.send(inRoom('update', { state: { name: 'all-left' } })))
  },
  /** Everybody moves a cursor 30 times a second, for so many seconds. Resolves once all were heard. */
  move: async (seconds: number): Promise<void> => {
    const times = 30 * seconds
    await spread(1_000 / 30, times, ({ send }, index, time) => {
      const n = moved + time
      const cursor = { n, x: (n * 7 + index) % 1_000, y: (n * 3) % 1_000 }
      send(isHub ? inRoom('update', { cursor }) : `42["cursor",${JSON.stringify(cursor)}]`)
    })
    moved += times
    await delay(500)
    const last = lastCursors().filter((n) => n === moved - 1)
    const expected = isHub ? people.length : people.length - 1
    if (last.length !== expected)
      throw new Error(`${last.length} of ${expected} cursors ended where they are.`)
  },
  /** Frames (or events) that each has heard so far, on average. */
  framesHeard,
  folded,
}
export type CrowdMethods = typeof methods
serveCalls(methods)
