import { describe, expect, it } from 'vitest'
import { clientIdOf, decodeChannel, encodeChannel, wakeChannel } from './names.ts'

const prefix = 'syncline:'

describe('the name of a channel at Ably', () => {
  it.each([
    ['todos', 'syncline:todos'],
    ['board/42', 'syncline:board/42'],
    ['board/%2f', 'syncline:board/%252f'],
    ['a:b*', 'syncline:a%3ab%2a'],
    ['[meta]log', 'syncline:%5bmeta%5dlog'],
    ["it's (it)!", 'syncline:it%27s%20%28it%29%21'],
    ['größe/🎉', 'syncline:größe/🎉'],
    ['line\nbreak\0', 'syncline:line%0abreak%00'],
    ['half \ud800 pair', 'syncline:half%20%ud800%20pair'],
  ])('%j is %s, and can be read back', (channel, name) => {
    expect(encodeChannel(prefix, channel)).toBe(name)
    expect(decodeChannel(prefix, name)).toBe(channel)
  })

  it('is never one that a capability would take for many, nor that of a wake channel', () => {
    for (const channel of ['*', 'a:*', '$wake:1', ':', '[*]*', ',', '?', '#', '"\\'])
      expect(encodeChannel(prefix, channel).slice(prefix.length)).toMatch(/^[\w.%-]+$/)
    expect(wakeChannel(prefix, '1')).toBe('syncline:$wake:1')
  })

  it('is short enough for any name that the hub takes', () => {
    for (const character of ['*', 'ö', '한', '\0'])
      expect(encodeChannel(prefix, character.repeat(256)).length).toBeLessThan(2_048)
  })
})

describe('the client id of a subject', () => {
  it.each(['ada', '*', 'u:*', '', 'a b', '\ud800'])('is safe for %j', (subject) => {
    expect(clientIdOf(subject)).toMatch(/^u:[\w.%-]*$/)
  })

  it('is another for each', () => {
    expect(clientIdOf('a*')).not.toBe(clientIdOf('a%2a'))
    expect(clientIdOf('u:ada')).not.toBe(clientIdOf('ada'))
  })
})
