import type { WireError } from '../../errors/syncline-error.ts'
import type { StreamFrame, WireAnswer, WireWrite, WritesFrame } from '../../protocol/frames.ts'
import type { Effect } from '../../protocol/position.ts'

interface HubStream {
  last: number
  answers: Map<number, WireAnswer>
}

/** What the hub does with a write: takes it, rejects it for good, or sends it back for later. */
export type Verdict = { readonly reject: WireError } | { readonly back: WireError } | undefined

/** The hub's half of write streams as rule 4 tells it, with all that was ever committed. */
export interface FakeHub {
  /** Committed writes, in order: `channel:name:data`, and their ids. */
  readonly log: string[]
  readonly ids: string[]
  /** Frames as they came. */
  readonly received: WritesFrame[]
  judge: (write: WireWrite, channel: string) => Verdict
  effects: (channel: string, seq: number) => readonly Effect[]
  receive(frame: WritesFrame): StreamFrame[]
  /** As after a lost database. */
  forget(): void
  /** A copy of its data, and the way back to it. */
  backup(): () => void
}

export const createFakeHub = (): FakeHub => {
  let streams = new Map<string, HubStream>()
  const log: string[] = []
  const ids: string[] = []

  const take = (stream: HubStream, channel: string, write: WireWrite): WireAnswer | { back: WireError } => {
    const [n, id, kind, name, data] = write
    const verdict = kind === 'void' ? { reject: { code: 'discarded' } } : hub.judge(write, channel)
    if (verdict && 'back' in verdict) return verdict
    stream.last = n
    if (verdict) return [n, id, 'rejected', verdict.reject]
    log.push(`${channel}:${name}:${JSON.stringify(data)}`)
    ids.push(id)
    return [n, id, 'accepted', { n, data }, hub.effects(channel, log.length)]
  }

  const hub: FakeHub = {
    log,
    ids,
    received: [],
    judge: () => undefined,
    effects: (channel, seq) => [{ channel, position: { epoch: 'e', seq } }],
    forget: () => streams.clear(),
    backup: () => {
      const copy = structuredClone(streams)
      const length = log.length
      return () => {
        streams = copy
        log.length = length
        ids.length = length
      }
    },
    receive: (frame) => {
      hub.received.push(frame)
      if (!frame.writes.length) return []
      const { client, channel, generation, answered, writes } = frame
      const address = { client, channel, generation }
      const key = `${client}/${channel}/${generation}`
      let stream = streams.get(key)
      if (!stream) {
        if (writes[0]?.[0] !== 1) return [{ type: 'unknown-stream', ...address, from: writes[0]?.[0] ?? 1 }]
        stream = { last: 0, answers: new Map() }
        streams.set(key, stream)
      }
      for (const n of stream.answers.keys()) if (n <= answered) stream.answers.delete(n)
      const answers: WireAnswer[] = []
      const frames: StreamFrame[] = []
      for (const write of writes) {
        const n = write[0]
        if (n <= stream.last) {
          const stored = stream.answers.get(n)
          if (stored && stored[1] !== write[1])
            answers.push([n, write[1], 'rejected', { code: 'write-conflict' }])
          else if (stored) answers.push(stored)
          continue
        }
        const answer = n > stream.last + 1 ? { back: { code: 'wrong-number' } } : take(stream, channel, write)
        if ('back' in answer) {
          frames.push({ type: 'back', ...address, expect: stream.last + 1, error: answer.back })
          break
        }
        stream.answers.set(n, answer)
        answers.push(answer)
      }
      if (answers.length) frames.unshift({ type: 'answers', ...address, answers })
      return frames
    },
  }
  return hub
}
