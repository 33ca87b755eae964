import { hubStoreSuite } from '../hub-store-suite.ts'
import { createChance } from './chance.ts'
import { createHubDisk } from './hub-disk.ts'
import { createMachine } from './machine.ts'
import { createScheduler } from './scheduler.ts'

// Time that goes by itself, as the suite waits for promises only.
hubStoreSuite('simulated hub disk', () => {
  const scheduler = createScheduler(1_000_000)
  const chance = createChance(1)
  const disk = createHubDisk({ chance })
  let going = true
  const go = async (): Promise<void> => {
    while (going) await scheduler.run(1)
  }
  void go()
  return {
    create: () =>
      disk.store(createMachine({ name: 'hub', scheduler, chance, threw: (error) => console.error(error) })),
    dispose: () => {
      going = false
    },
  }
})
