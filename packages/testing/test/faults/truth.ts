import type { Receipt, ReceiptStatus } from '@syncline/core'
import { eventually } from '@syncline/testing'
import { expect } from 'vitest'
import type { House, Window } from '../four-providers/house.ts'

/** Milliseconds within which everything is at rest once the faults have ended. */
const settling = 30_000

const life: readonly ReceiptStatus['at'][] = ['saving', 'queued', 'sent', 'accepted', 'applied']

/** Follows what a receipt says, and holds it against what the hub has done at that moment. */
export const createWitness = (house: House) => {
  const lives: { readonly text: string; readonly receipt: Receipt; readonly told: ReceiptStatus['at'][] }[] =
    []
  const lies: string[] = []
  const watch = (text: string, receipt: Receipt): Receipt => {
    const told: ReceiptStatus['at'][] = []
    lives.push({ text, receipt, told })
    receipt.status$.subscribe(({ at }) => {
      told.push(at)
      if (at === 'accepted' && !house.runs.has(text)) lies.push(text)
    })
    return receipt
  }
  return { lives, lies, watch }
}

export type Witness = ReturnType<typeof createWitness>

const by = (speaker: string) => (text: string) => text.startsWith(`${speaker} `)

/**
 * Everything that was written is there once, everybody sees it in the one order, which is each one's own too,
 * and no receipt said otherwise. What a window says begins with its name.
 */
export const expectTruth = async (
  house: House,
  windows: readonly Window[],
  { lives, lies }: Witness,
): Promise<void> => {
  await eventually(
    () => {
      for (const { text, receipt } of lives)
        expect(`${text} ${receipt.status$.get().at}`).toBe(`${text} applied`)
      return true
    },
    { what: 'Every write applied', timeout: settling },
  )
  const log = house.lines.map(({ id }) => id)
  await eventually(
    () => {
      for (const window of windows) {
        expect(window.heard(), window.name).toEqual(log)
        expect(window.shown(), window.name).toEqual(log)
        expect(window.client.status$.get().at).toBe('connected')
      }
      return true
    },
    { what: 'All views as the hub has it', timeout: settling },
  )
  const said = lives.map(({ text }) => text)
  expect(log.toSorted()).toEqual(said.toSorted())
  for (const { name } of windows) expect(log.filter(by(name)), name).toEqual(said.filter(by(name)))
  expect([...house.runs.values()].filter((times) => times !== 1)).toEqual([])
  for (const window of windows) expect(window.missed(), window.name).toEqual([])
  expect(lies).toEqual([])
  for (const { told } of lives) expect(told).toEqual(life.slice(life.indexOf(told[0] ?? 'saving')))
}
