import { createVirtualTime } from '@syncline/testing'
import { anyJson, damaged } from '@syncline/testing/fuzz'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SynclineError } from '../errors/syncline-error.ts'
import { createUplink } from './create-uplink.ts'

const opened = fc.constant({ session: 's', wake: 'w', heartbeat: 1_000, provider: {}, frames: [] })

it('whatever opens a session, it is refused or asked for as often as a hub would say, and never without a pause', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged(opened), anyJson), async (answer) => {
      let requests = 0
      const time = createVirtualTime({
        fetch: async (url) => {
          requests++
          // A poll that follows the last one at once would go on for ever.
          if (requests > 5_000) throw new Error('Without a pause.')
          const body = String(url) === 'http://hub/pusher' ? answer : { frames: [] }
          return new Response(JSON.stringify(body) ?? '')
        },
      })
      const errors: unknown[] = []
      const uplink = createUplink({
        url: 'http://hub/pusher',
        environment: time.environment,
        token: 'ada',
        onFrames: () => {},
        onError: (error) => void errors.push(error),
      })
      const refused = await uplink.open([]).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (refused) expect(refused).toBeInstanceOf(SynclineError)
      await time.advance(50)
      expect(requests).toBeLessThan(60)
      expect(errors).toEqual([])
      uplink.close()
      await time.advance(20_000)
      expect(time.timers).toBe(0)
    }),
    { numRuns: 200, seed: 4 },
  )
})
