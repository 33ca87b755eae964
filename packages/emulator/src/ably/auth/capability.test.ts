import { expect, test } from 'vitest'
import { AblyError } from '../ably-error.ts'
import { allows, formatCapability, intersect, parseCapability } from './capability.ts'

test.each([
  ['*', 'anything:at:all', true],
  ['todos', 'todos', true],
  ['todos', 'todos:1', false],
  ['todos:*', 'todos:1', true],
  ['todos:*', 'todos:1:2', true],
  ['todos:*', 'todos', false],
  ['todos:*', 'todosx:1', false],
  ['*:read', 'a:read', true],
  ['*:read', 'a:b:read', false],
  ['a:*:c', 'a:b:c', true],
  ['a*', 'ab', false],
])('%s covers %s: %s', (pattern, channel, expected) => {
  expect(allows({ [pattern]: ['publish'] }, channel, 'publish')).toBe(expected)
})

test('operations are granted one by one, or all with a star', () => {
  expect(allows({ a: ['subscribe'] }, 'a', 'publish')).toBe(false)
  expect(allows({ a: ['*'] }, 'a', 'publish')).toBe(true)
  expect(allows({ a: ['subscribe'], '*': ['publish'] }, 'a', 'publish')).toBe(true)
})

test('what two capabilities share is the narrower pattern with the operations of both', () => {
  expect(intersect({ '*': ['*'] }, { 'a:*': ['publish'] })).toEqual({ 'a:*': ['publish'] })
  expect(intersect({ 'a:*': ['publish', 'history'] }, { '*': ['*'] })).toEqual({
    'a:*': ['publish', 'history'],
  })
  expect(intersect({ 'a:*': ['publish'], 'a:1': ['subscribe'] }, { 'a:1': ['*'] })).toEqual({
    'a:1': ['publish', 'subscribe'],
  })
  expect(() => intersect({ a: ['publish'] }, { a: ['subscribe'] })).toThrow(AblyError)
  expect(() => intersect({ 'a:*': ['*'] }, { 'b:*': ['*'] })).toThrow(AblyError)
})

test('the canonical form is sorted', () => {
  expect(formatCapability({ b: ['x'], a: ['publish', 'history'] })).toBe(
    '{"a":["history","publish"],"b":["x"]}',
  )
})

test.each(['{', '[]', 'null', '{"a":"*"}', '{"a":[1]}', '{"":["*"]}'])('%s is no capability', (text) => {
  expect(() => parseCapability(text)).toThrow(AblyError)
})
