import type { Acts, Scene } from './scene.ts'

type Kind = 'cut' | 'half-open' | 'partition' | 'slow-reader' | 'latency' | 'provider-outage' | 'sign-in'

/** What becomes of the network, and of what is reached over it. */
export const networkSteps = ({ tabs, provider, authority, chronicle, later }: Scene): Acts<Kind> => {
  const { happened } = chronicle
  return {
    cut: (step) => {
      const wire = tabs[step.tab]?.wire
      if (!wire || wire.uses.size === 0) return
      happened('cut')
      wire.cut()
    },
    'half-open': (step) => {
      const wire = tabs[step.tab]?.wire
      if (!wire || wire.uses.size === 0) return
      happened('half-open link')
      wire.silence(step.direction)
    },
    partition: (step) => {
      if (!step.tabs.some((index) => tabs[index]?.run)) return
      happened('partition')
      for (const index of step.tabs) {
        const wire = tabs[index]?.wire
        if (!wire) continue
        wire.door = step.door
        if (step.door === 'void') wire.silence()
        else wire.cut()
        later(step.ms, () => {
          wire.door = 'open'
        })
      }
    },
    'slow-reader': (step) => {
      const wire = tabs[step.tab]?.wire
      if (!wire) return
      wire.rate = step.rate
      later(step.ms, () => {
        wire.rate = undefined
      })
    },
    latency: (step) => {
      const wire = tabs[step.tab]?.wire
      if (!wire) return
      wire.latency = step.latency
      later(step.ms, () => {
        wire.latency = 5
      })
    },
    'provider-outage': (step) => {
      provider.down = true
      later(step.ms, () => {
        provider.down = false
      })
    },
    'sign-in': (step) => {
      authority.trouble = step.trouble
      later(step.ms, () => {
        authority.trouble = undefined
      })
    },
  }
}
