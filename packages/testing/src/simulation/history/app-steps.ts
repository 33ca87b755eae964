import type { AnyContract } from '@syncline/core'
import type { Acts, Scene } from './scene.ts'
import type { Tab } from './tab.ts'

type Kind =
  | 'mutate'
  | 'publish'
  | 'join'
  | 'leave'
  | 'presence'
  | 'open'
  | 'close'
  | 'retry'
  | 'discard'
  | 'sign-out'
  | 'backend-publish'
  | 'revoke'
  | 'earliest'

const channelOf = (tab: Tab, channel: string): string =>
  channel === 'own' ? `own/${tab.settings.person}` : channel

/** What an app and its backend do. */
export const appSteps = ({ scheduler, tabs, host, truth, chronicle, circumstances }: Scene): Acts<Kind> => {
  const { happened, violated } = chronicle
  const present = (index: number): Tab | undefined => (tabs[index]?.run ? tabs[index] : undefined)
  let backendTags = 0
  return {
    mutate: (step) => {
      const tab = present(step.tab)
      if (!tab) return
      tab.mutate(channelOf(tab, step.channel), step.how, step.key)
    },
    publish: (step) => {
      const tab = present(step.tab)
      if (tab) tab.publish(channelOf(tab, step.channel), step.key)
    },
    join: (step) => {
      const tab = tabs[step.tab]
      if (tab) tab.join(channelOf(tab, step.channel))
    },
    leave: (step) => {
      const tab = tabs[step.tab]
      if (tab) tab.leave(channelOf(tab, step.channel))
    },
    presence: (step) => {
      tabs[step.tab]?.present(step.list, step.act)
    },
    open: (step) => {
      tabs[step.tab]?.open()
    },
    close: (step) => {
      tabs[step.tab]?.close()
    },
    retry: (step) => {
      tabs[step.tab]?.retryParked()
    },
    discard: (step) => {
      tabs[step.tab]?.discard(step.which)
    },
    'sign-out': (step) => {
      const tab = present(step.tab)
      if (!tab) return
      happened('sign-out')
      tab.signOut(step.discardWrites)
    },
    'backend-publish': (step) => {
      const { running } = host
      if (!running) return
      const { list, feed } = running.contracts
      const tag = `x${++backendTags}`
      if (step.odd) happened('message refused by its schema')
      const [contract, ...parameters] = step.channel === 'feed' ? [feed] : [list, { id: 'a' }]
      ;(running.hub.publish as (contract: AnyContract, ...rest: unknown[]) => Promise<unknown>)(
        contract as AnyContract,
        ...parameters,
        'done',
        { tag, ...(step.odd && { odd: true }) },
      ).then(
        () => {
          if (running.machine.alive && truth.places(tag).length === 0)
            violated('receipts', `the hub says that ${tag} is published, and it is not durable`)
        },
        () => {},
      )
    },
    earliest: ({ channel }) => {
      const head = truth.head(channel)
      if (!head) return
      happened('earliest position set')
      const { epoch, seq } = head
      circumstances.earliest.set(channel, { position: { epoch, seq: seq + 1 }, at: scheduler.now })
    },
    revoke: (step) => {
      if (!host.running) return
      happened('revoked')
      const { person, channel } = step
      circumstances.revocations.push({ person, channel, at: scheduler.now })
      host.running.hub.revoke({
        subject: person,
        ...(channel !== undefined && { channel }),
      })
    },
  }
}
