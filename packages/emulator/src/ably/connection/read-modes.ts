import { AblyError } from '../ably-error.ts'
import { ALL_MODES, MODE } from '../protocol/frame.ts'

const NAMES: Readonly<Record<string, number>> = {
  presence: MODE.presence,
  publish: MODE.publish,
  subscribe: MODE.subscribe,
  presence_subscribe: MODE.presenceSubscribe,
}

/**
 * The channel param `modes`, another way to ask for modes: `publish,subscribe`.
 *
 * @throws AblyError 40003 for an unknown one
 */
export const readModes = (text: unknown): number => {
  if (text === undefined || text === null) return ALL_MODES
  return String(text)
    .split(',')
    .reduce((modes, name) => {
      const mode = NAMES[name.trim().toLowerCase()]
      if (mode === undefined) throw new AblyError(40003, `invalid channel mode: ${name}`)
      return modes | mode
    }, 0)
}
