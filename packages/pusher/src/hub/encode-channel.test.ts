import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeChannel } from './encode-channel.ts'

const prefix = 'private-syncline-'

const decode = (name: string): string =>
  name
    .slice(prefix.length)
    .replace(/==(....)|=(..)|;|,/g, (escaped, long, short) =>
      escaped === ';' ? '/' : escaped === ',' ? '%' : String.fromCharCode(Number.parseInt(long ?? short, 16)),
    )

it.each([
  ['todos', 'todos'],
  ['board/42', 'board;42'],
  ['board/a%2Fb', 'board;a,2Fb'],
  ["it's=1;2,3", 'it=27s=3d1=3b2=2c3'],
  ['ключ', '==043a==043b==044e==0447'],
])('%s', (channel, name) => {
  expect(encodeChannel(prefix, channel)).toBe(prefix + name)
})

it('can be read back, whatever the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (channel) => {
      const name = encodeChannel(prefix, channel)
      expect(name).toMatch(/^[\w=@,.;-]*$/)
      expect(decode(name)).toBe(channel)
    }),
  )
})

it('is refused where Pusher would', () => {
  expect(encodeChannel(prefix, 'a'.repeat(164 - prefix.length))).toHaveLength(164)
  expect(() => encodeChannel(prefix, 'a'.repeat(165 - prefix.length))).toThrow(
    expect.objectContaining({ code: 'invalid-channel' }),
  )
})
