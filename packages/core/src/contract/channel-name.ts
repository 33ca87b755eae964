import { SynclineError } from '../errors/syncline-error.ts'

/** The longest name of a channel, parameters encoded, in characters. */
export const maxChannelNameLength = 200

/** A parameter, or a name as it stands. */
const valid = /^(:[A-Za-z_]\w*|[^:]+)$/

const invalid = (detail: string, cause?: unknown) => new SynclineError('invalid-channel', { detail, cause })

/** The parts of a pattern or name. */
export const segmentsOf = (pattern: string): readonly string[] => pattern.split('/')

export const isParameter = (segment: string): boolean => segment.startsWith(':')

const bounded = (name: string): string => {
  if (name.length > maxChannelNameLength) throw invalid(`At most ${maxChannelNameLength} characters.`)
  return name
}

/**
 * The parameters that a pattern asks for, in order: `['id']` for `board/:id`.
 * @throws SynclineError `invalid-channel` when a segment is empty, or a parameter malformed or named twice.
 */
export const channelParameters = (pattern: string): readonly string[] => {
  const names: string[] = []
  for (const segment of segmentsOf(bounded(pattern))) {
    if (!valid.test(segment)) throw invalid(`"${pattern}": "${segment}" is no segment.`)
    if (!isParameter(segment)) continue
    if (names.includes(segment.slice(1))) throw invalid(`"${pattern}" names ${segment} twice.`)
    names.push(segment.slice(1))
  }
  return names
}

const encode = (pattern: string, key: string, value: string | number | undefined): string => {
  if ((value ?? '') === '') throw invalid(`"${pattern}" needs "${key}".`)
  try {
    return encodeURIComponent(value as string | number)
  } catch (cause) {
    throw invalid(`"${pattern}": "${key}" is not Unicode.`, cause)
  }
}

/**
 * The name of one channel: the pattern with its parameters percent-encoded.
 * @throws SynclineError `invalid-channel` when a parameter is missing or empty, or the name becomes too long.
 * @example
 * formatChannelName(board, { id: 'a/b' }) // 'board/a%2Fb'
 */
export const formatChannelName = (
  contract: { readonly name: string },
  parameters: Readonly<Record<string, string | number | undefined>> = {},
): string =>
  bounded(
    segmentsOf(contract.name)
      .map((segment) =>
        isParameter(segment)
          ? encode(contract.name, segment.slice(1), parameters[segment.slice(1)])
          : segment,
      )
      .join('/'),
  )
