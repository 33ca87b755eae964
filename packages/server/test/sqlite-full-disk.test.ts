import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Commit } from '@syncline/server'
import { sqliteStore } from '@syncline/server/sqlite'
import { afterAll, describe, expect, test } from 'vitest'

const disk = mkdtempSync(join(tmpdir(), 'syncline-disk-'))
/** A disk of 2 MB that really fills up; only root can have one. */
const mounted = ((): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

afterAll(() => {
  if (mounted) execFileSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

const append = (id: string, size = 0): Commit<unknown> => ({
  plan: () => ({
    appends: [{ channel: 'todos', messages: [{ id, timestamp: 0, encode: () => `"${'x'.repeat(size)}"` }] }],
  }),
})

describe('a disk that is full', () => {
  test.skipIf(!mounted)(
    'refuses commits without losing any, and takes them once there is room (needs root)',
    async () => {
      const store = sqliteStore(join(disk, 'hub.db'))
      await store.open({ now: () => 0, id: () => 'epoch' })
      await store.commit([append('first')])
      const ballast = join(disk, 'ballast')
      writeFileSync(ballast, new Uint8Array(1_200_000))

      const taken: string[] = ['first']
      let refusal: unknown
      for (let i = 0; refusal === undefined && i < 1_000; i++)
        await store.commit([append(`a${i}`, 20_000), append(`b${i}`, 20_000)]).then(
          () => taken.push(`a${i}`, `b${i}`),
          (error: unknown) => {
            refusal = error
          },
        )
      expect(refusal).toMatchObject({ code: 'store-unavailable' })
      const ids = async () => (await store.read('todos', 0, 1e4, 1e9)).map(({ id }) => id)
      expect(await ids()).toEqual(taken)

      rmSync(ballast)
      await store.commit([append('last', 20_000)])
      expect(await ids()).toEqual([...taken, 'last'])
      expect((await store.channel('todos')).head).toMatchObject({ seq: taken.length + 1, id: 'last' })
      await store.close()
    },
  )
})
