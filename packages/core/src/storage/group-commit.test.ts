import { expect, test } from 'vitest'
import type { StorageChange } from './client-storage.ts'
import { type CommitRequest, createGroupCommit } from './group-commit.ts'

const change = (key: string): StorageChange => ({ op: 'delete', table: 'outbox', key })
const keysOf = (group: readonly CommitRequest[]) =>
  group.flatMap(({ changes }) => changes.map((each) => ('key' in each ? each.key : '')))

test('writes the calls of one turn together, and those made meanwhile in the next group', async () => {
  const groups: string[][] = []
  let finish = (): void => {}
  const { commit, idle } = createGroupCommit(async (group) => {
    groups.push(keysOf(group))
    await new Promise<void>((resolve) => {
      finish = resolve
    })
  })
  const first = [commit([change('a')]), commit([change('b')])]
  await Promise.resolve()
  const second = [commit([change('c')]), commit([change('d')])]
  expect(groups).toEqual([['a', 'b']])
  finish()
  await Promise.all(first)
  expect(groups).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  finish()
  await Promise.all(second)
  await idle()
})

test('finds the one commit that cannot be written and keeps the others, in order', async () => {
  const written: string[] = []
  const { commit } = createGroupCommit(async (group) => {
    if (keysOf(group).includes('bad')) throw new Error('no')
    written.push(...keysOf(group))
  })
  const results = await Promise.allSettled(['a', 'b', 'bad', 'c', 'd'].map((key) => commit([change(key)])))
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  expect(written).toEqual(['a', 'b', 'c', 'd'])
})
