import { anyJson, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StoredView } from './stored-view.ts'
import { createViewUnderTest, StorageModel } from './testing/view-under-test.ts'

/** Milliseconds. A failure is made short before it is told. */
const patience = 20_000

const sound: StoredView = {
  state: ['m1', 'm2'],
  position: { epoch: 'e1', seq: 2, id: 'm2' },
  version: 1,
  seen: ['w1'],
  stale: false,
}

it(
  'a stored view that is damaged, or of another version, costs a snapshot and nothing else',
  async () => {
    const stored = fc.oneof({ arbitrary: damaged(fc.constant(sound)), weight: 5 }, anyJson)
    await fc.assert(
      fc.asyncProperty(stored, fc.boolean(), async (value, offline) => {
        const kept = value as Partial<StoredView> | null
        // Another state, or the very start as its place: nobody can tell that from what was written.
        fc.pre(JSON.stringify(kept?.state) === JSON.stringify(sound.state) || kept?.position === undefined)
        fc.pre(kept?.position?.seq !== 0 && kept?.stale !== true)
        const storage = new StorageModel()
        storage.values.set('todos|default', value)
        const { hub, time, view, watch, reported } = createViewUnderTest({ persist: true }, { storage })
        hub.append(4)
        const stop = watch()
        await time.settle()
        if (!offline) hub.connect()
        await time.advance(1_000)
        hub.connect()
        await time.advance(120_000)
        expect(view.get()).toEqual(['m1', 'm2', 'm3', 'm4'])
        expect(view.status$.get()).toMatchObject({ at: 'ready', stale: false })
        for (const { at } of hub.of('join'))
          if (at)
            expect([typeof at.epoch, Number.isSafeInteger(at.seq), typeof at.id]).toEqual([
              'string',
              true,
              'string',
            ])
        expect(reported).toEqual([])
        stop()
        view.close()
      }),
      { numRuns: 300 },
    )
  },
  patience,
)
