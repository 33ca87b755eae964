import type { AnyContract } from '@syncline/core'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/**
 * Refuses options of `hub.serve` that do not fit the contract, for those whom no compiler tells.
 *
 * @throws TypeError that names the option
 */
export const checkServing = (contract: AnyContract, options: unknown, hasDatabase: boolean): void => {
  const wrong = (problem: string): TypeError => new TypeError(`serve "${contract.name}": ${problem}`)
  const { snapshot, mutations = {} } = isRecord(options) ? options : {}
  const { definition } = contract
  if (definition.snapshot && typeof snapshot !== 'function')
    throw wrong('`snapshot` is missing: the contract declares one.')
  if (!isRecord(mutations)) throw wrong('`mutations` must be an object with one handler for each mutation.')
  const declared = Object.keys(definition.mutations ?? {})
  for (const name of declared) {
    const handler = mutations[name]
    if (typeof handler === 'function') continue
    if (!isRecord(handler) || typeof handler.transaction !== 'function')
      throw wrong(`\`mutations['${name}']\` must be a function, or { transaction }.`)
    if (!hasDatabase)
      throw wrong(
        `\`mutations['${name}'].transaction\` needs a store with a database (sqliteStore); this one has none.`,
      )
  }
  const extra = Object.keys(mutations).find((name) => !declared.includes(name))
  if (extra !== undefined) throw wrong(`\`mutations['${extra}']\` is not in the contract.`)
}
