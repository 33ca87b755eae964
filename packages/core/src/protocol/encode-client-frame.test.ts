import { describe, expect, it } from 'vitest'
import { encodeClientFrame } from './encode-client-frame.ts'
import type { ClientFrame } from './frames.ts'
import { RawJson } from './raw-json.ts'

const data = { text: 'a "quoted" \\ line\n', list: [1, null, { deep: true }], 'é\u2028': '💚' }
const writes = (...given: unknown[]): ClientFrame => ({
  type: 'writes',
  channel: 'todos/"a"',
  client: 'c',
  generation: 2,
  answered: 7,
  writes: given.map((one, index) => [8 + index, `id-"${index}"`, 'mutate', 'todo:"create"', one, 3]),
})

describe('a frame as JSON', () => {
  const frames: readonly ClientFrame[] = [
    { type: 'ping' },
    { type: 'join', channel: 'a"b', at: { epoch: 'e', seq: 1, id: 'x' } },
    writes(),
    writes(data),
    writes(data, null, 'text', 0, []),
    { ...writes(), writes: [null, 'no write', [1]] } as unknown as ClientFrame,
    { ...writes(), writes: 'none' } as unknown as ClientFrame,
  ]

  it.each(frames)('is what JSON.stringify makes of it (%#)', (frame) => {
    expect(encodeClientFrame(frame)).toBe(JSON.stringify(frame))
  })

  it('takes what is JSON already as it is', () => {
    const text = JSON.stringify(data)
    expect(encodeClientFrame(writes(new RawJson(text), data))).toBe(JSON.stringify(writes(data, data)))
    expect(encodeClientFrame(writes(new RawJson('{ "a" : 1 }')))).toContain('{ "a" : 1 }')
  })

  it('says the same to who knows only JSON.stringify', () => {
    const text = JSON.stringify(data)
    expect(JSON.stringify(writes(new RawJson(text)))).toBe(JSON.stringify(writes(data)))
  })
})
