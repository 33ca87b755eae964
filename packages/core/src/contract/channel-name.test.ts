import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import { channelParameters, formatChannelName } from './channel-name.ts'
import { matchChannelName, patternsOverlap } from './match-channel-name.ts'

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
  } catch (error) {
    return error instanceof SynclineError ? error.code : String(error)
  }
  return undefined
}

describe('channel names', () => {
  it('encodes parameters so that every value comes back', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), fc.integer(), (id, n) => {
        fc.pre(encodeURIComponent(id).length < 150)
        const name = formatChannelName({ name: 'a/:id/b/:n' }, { id, n })
        expect(name.split('/')).toHaveLength(4)
        expect(matchChannelName('a/:id/b/:n', name)).toEqual({ id, n: String(n) })
      }),
    )
  })

  it('refuses missing, empty, ill-formed and overlong parameters', () => {
    for (const id of [undefined, '', '\uD800', 'x'.repeat(200)])
      expect(codeOf(() => formatChannelName({ name: 'board/:id' }, { id }))).toBe('invalid-channel')
    expect(formatChannelName({ name: 'board/:id' }, { id: 0 })).toBe('board/0')
  })

  it('refuses malformed patterns', () => {
    for (const pattern of ['', 'a//b', '/a', 'a/', 'a/:', 'a:b', ':a/:a', ':a-b', 'x'.repeat(201)])
      expect(
        codeOf(() => channelParameters(pattern)),
        pattern,
      ).toBe('invalid-channel')
    expect(channelParameters('team/:team/board/:id')).toEqual(['team', 'id'])
  })

  it('matches only the canonical spelling of its own pattern', () => {
    expect(matchChannelName('todos', 'todos')).toEqual({})
    for (const name of ['board', 'board/', 'board/1/2', 'bored/1', 'board/%34', 'board/%', 'board/a b'])
      expect(matchChannelName('board/:id', name), name).toBeUndefined()
    expect(matchChannelName('a/:__proto__', 'a/x')).toEqual(Object.fromEntries([['__proto__', 'x']]))
  })

  it('knows which patterns can mean the same name', () => {
    expect(patternsOverlap('board/:id', 'board/:name')).toBe(true)
    expect(patternsOverlap('board/:id', 'board/main')).toBe(true)
    expect(patternsOverlap(':a/x', 'y/:b')).toBe(true)
    expect(patternsOverlap('board/:id', 'list/:id')).toBe(false)
    expect(patternsOverlap('board/:id', 'board')).toBe(false)
    expect(patternsOverlap('a/:b/c', 'a/:b/d')).toBe(false)
  })
})
