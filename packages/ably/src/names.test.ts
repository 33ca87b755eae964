import { describe, expect, it } from 'vitest'
import { clientIdOf, decodeChannel, encodeChannel, wakeChannel } from './names.ts'

const prefix = 'syncline:'

describe('the name of a channel at Ably', () => {
  it.each([
    ['todos', 'syncline:todos'],
    ['board/42', 'syncline:board/42'],
    ['board/%2F', 'syncline:board/%252F'],
    ['a:b*', 'syncline:a%3Ab%2A'],
    ['[meta]log', 'syncline:%5Bmeta%5Dlog'],
    ["it's (it)!", 'syncline:it%27s%20%28it%29%21'],
    ['größe/🎉', 'syncline:gr%C3%B6%C3%9Fe/%F0%9F%8E%89'],
    ['line\nbreak', 'syncline:line%0Abreak'],
  ])('%j is %s, and can be read back', (channel, name) => {
    expect(encodeChannel(prefix, channel)).toBe(name)
    expect(decodeChannel(prefix, name)).toBe(channel)
  })

  it('is never one that a capability would take for many, nor that of a wake channel', () => {
    for (const channel of ['*', 'a:*', '$wake:1', ':', '[*]*', ',']) {
      const name = encodeChannel(prefix, channel).slice(prefix.length)
      expect(name).not.toMatch(/[*:$[\],]/)
    }
    expect(wakeChannel(prefix, '1')).toBe('syncline:$wake:1')
  })

  it.each(['x'.repeat(2_100), 'ö'.repeat(400), '\ud800'])('refuses what Ably cannot take', (channel) => {
    expect(() => encodeChannel(prefix, channel)).toThrow(expect.objectContaining({ code: 'invalid-channel' }))
  })
})

describe('the client id of a subject', () => {
  it.each(['ada', '*', 'u:*', '', 'a b', '\ud800'])('is safe for %j', (subject) => {
    expect(clientIdOf(subject)).toMatch(/^u:[\w.~%-]*$/)
  })

  it('is another for each', () => {
    expect(clientIdOf('a*')).not.toBe(clientIdOf('a%2A'))
    expect(clientIdOf('u:ada')).not.toBe(clientIdOf('ada'))
  })
})
