import { expect, test } from 'vitest'
import { channelKind } from './channel-kind.ts'

const kind = (access: string, cache = false, encrypted = false) => ({ access, cache, encrypted })

test.each([
  ['todos', kind('public')],
  ['cache-todos', kind('public', true)],
  ['private-todos', kind('private')],
  ['private-cache-todos', kind('private', true)],
  ['private-encrypted-todos', kind('private', false, true)],
  ['private-encrypted-cache-todos', kind('private', true, true)],
  ['presence-todos', kind('presence')],
  ['presence-cache-todos', kind('presence', true)],
  ['presence-encrypted-todos', kind('presence')],
  ['encrypted-todos', kind('public')],
  ['#server-to-user-ada lovelace', kind('user')],
  ['a'.repeat(164), kind('public')],
])('%s is known by its name', (name, expected) => {
  expect(channelKind(name)).toEqual(expected)
})

test.each([
  '',
  'to dos',
  'board/42',
  'board:42',
  '#todos',
  '#server-to-user-',
  'a'.repeat(165),
  7,
  undefined,
])('%s is no channel', (name) => {
  expect(channelKind(name)).toBeUndefined()
})
