import type { Plan } from './plan.ts'
import type { HistoryResult } from './run-history.ts'
import { describeStep } from './steps.ts'

/** Lines of what happened last that are shown. */
const SHOWN_LINES = 60

const describeTab = (tab: Plan['tabs'][number], index: number): string => {
  const { device, person, anonymous, provider, joins, enters, inMemory, skew } = tab
  const more = [
    ...(enters ? ['enters list/a'] : []),
    ...(anonymous ? ['without an identity'] : []),
    ...(inMemory ? ['outbox in memory'] : []),
    ...(skew !== 0 ? [`clock ${skew} ms ahead`] : []),
  ]
  return `tab ${index}: ${[`${person} on device ${device} over ${provider}`, `joins ${joins.join(' ')}`, ...more].join(', ')}`
}

/** A history that broke a promise, as a person reads it: the shortest that was found, and how to run it again. */
export const describeFailure = (plan: Plan, { violation, lines }: HistoryResult): string => {
  const { hub, provider, tokenLife, devices } = plan
  const settings = [
    `heartbeat ${hub.heartbeat} ms`,
    `grace ${hub.grace} ms`,
    `retention ${hub.retention}`,
    ...(hub.laterSchemas ? ['asynchronous schemas'] : []),
    ...(tokenLife === undefined ? [] : [`tokens hold ${tokenLife} ms`]),
    `locks ${devices.map(({ locks }) => locks).join(' ')}`,
    ...(provider.lost + provider.doubled + provider.late > 0
      ? [
          `provider loses ${provider.lost.toFixed(2)}, doubles ${provider.doubled.toFixed(2)}, delays ${provider.late.toFixed(2)}`,
        ]
      : []),
    ...Object.entries(hub.limits).map(([name, limit]) => `${name} ${limit}`),
  ]
  return [
    `Seed ${plan.seed} breaks a promise: ${violation?.promise ?? 'nothing any more'}`,
    `  ${violation?.message ?? ''}`,
    '',
    'The shortest history found:',
    `  ${settings.join(', ')}`,
    ...plan.tabs.map((tab, index) => `  ${describeTab(tab, index)}`),
    ...plan.steps.map((step) => `  ${describeStep(step)}`),
    '',
    `What happened${lines.length > SHOWN_LINES ? ' last' : ''}, in milliseconds:`,
    ...lines.slice(-SHOWN_LINES).map((line) => `  ${line}`),
    '',
    `Again: runHistory(${plan.seed}), or pnpm simulate --seed ${plan.seed} in Syncline's repository`,
  ].join('\n')
}
