import type { Acts, Scene } from './scene.ts'

type Kind =
  | 'hub-crash'
  | 'hub-restart'
  | 'hub-rival'
  | 'hub-clock'
  | 'store-outage'
  | 'store-full'
  | 'unanswered-commit'
  | 'slow-store'
  | 'backup'
  | 'restore'
  | 'disk-lost'

/** What becomes of the hub and of its disk. */
export const hubSteps = ({
  scheduler,
  host,
  disk,
  truth,
  chronicle,
  circumstances,
  later,
}: Scene): Acts<Kind> => {
  const { happened, log } = chronicle
  let goBack: (() => void) | undefined

  const backup = (): void => {
    const [restoreDisk, restoreTruth] = [disk.backup(), truth.backup()]
    goBack = () => {
      restoreDisk()
      restoreTruth()
    }
  }
  /** Of every channel that ever had a message. */
  const heads = (): string => {
    const names = new Set(truth.commits.flatMap(({ appended }) => appended.map(({ channel }) => channel)))
    return JSON.stringify([...names].map((name) => [name, disk.head(name)]))
  }
  /** A loss happened if it took something away. */
  const counted = (fault: 'backup restored' | 'hub disk lost', lose: () => void) => (): void => {
    const before = heads()
    lose()
    if (heads() !== before) happened(fault)
  }
  /** The processes die, something is done to the disk, and another process starts. */
  const reboot = (change: () => void): void => {
    const version = host.running?.contracts.version ?? 1
    for (const { machine } of host.alive) machine.kill()
    change()
    circumstances.setbacks.push(scheduler.now)
    scheduler.after(300, () => {
      if (!host.running) host.start(version)
    })
  }

  return {
    'hub-crash': (step) => {
      const { running } = host
      if (!running) return
      happened('hub crash')
      const { version } = running.contracts
      const { machine } = running
      if (step.acts === 0) machine.kill()
      else machine.killAfter(step.acts)
      scheduler.after(step.acts === 0 ? step.downFor : 2_000 + step.downFor, () => {
        machine.kill()
        if (!host.running) host.start(version)
      })
    },
    'hub-restart': (step) => {
      if (!host.running) return
      happened('hub restart')
      host.close()
      scheduler.after(4_000, () => {
        if (!host.running) host.start(step.version)
      })
    },
    'hub-rival': () => {
      if (!host.running) return
      happened('hub fenced off')
      host.start(host.running.contracts.version)
    },
    'hub-clock': (step) => {
      if (!host.running) return
      happened('hub clock jumped')
      circumstances.clockTrouble = true
      host.running.machine.skew += step.ms
    },
    'store-outage': (step) => {
      disk.down = true
      later(step.ms, () => {
        disk.down = false
      })
    },
    'store-full': (step) => {
      disk.full = true
      later(step.ms, () => {
        disk.full = false
      })
    },
    'unanswered-commit': ({ commits }) => {
      disk.unanswered += commits
    },
    'slow-store': (step) => {
      disk.latency = step.latency
      later(step.ms, () => {
        disk.latency = 3
      })
    },
    backup,
    restore: () => {
      // The first time there is nothing to go back to yet.
      if (!goBack) {
        log('— backup {}')
        backup()
        return
      }
      reboot(counted('backup restored', goBack))
    },
    'disk-lost': () => {
      const wipe = (): void => {
        disk.wipe()
        truth.wipe()
      }
      reboot(counted('hub disk lost', wipe))
    },
  }
}
