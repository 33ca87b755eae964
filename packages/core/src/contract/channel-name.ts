import { SynclineError } from '../errors/syncline-error.ts'

/** The longest name of a channel, parameters encoded, in characters. */
export const maxChannelNameLength = 200

const parameter = /^:[A-Za-z_]\w*$/

const invalid = (detail: string) => new SynclineError('invalid-channel', { detail })

const segmentsOf = (pattern: string): readonly string[] => pattern.split('/')

const isParameter = (segment: string): boolean => segment.startsWith(':')

const bounded = (name: string): string => {
  if (name.length > maxChannelNameLength)
    throw invalid(`A name has at most ${maxChannelNameLength} characters.`)
  return name
}

/**
 * The parameters that a pattern asks for, in order: `['id']` for `board/:id`.
 * @throws SynclineError `invalid-channel` when a segment is empty, or a parameter malformed or named twice.
 */
export const channelParameters = (pattern: string): readonly string[] => {
  const names: string[] = []
  for (const segment of segmentsOf(bounded(pattern))) {
    if (segment === '' || (segment.includes(':') && !parameter.test(segment)))
      throw invalid(`"${pattern}": "${segment}" is no segment.`)
    if (!isParameter(segment)) continue
    if (names.includes(segment.slice(1))) throw invalid(`"${pattern}" names ${segment} twice.`)
    names.push(segment.slice(1))
  }
  return names
}

const encode = (pattern: string, key: string, value: string | number | undefined): string => {
  if (value === undefined || value === null || value === '') throw invalid(`"${pattern}" needs "${key}".`)
  try {
    return encodeURIComponent(value)
  } catch (cause) {
    throw new SynclineError('invalid-channel', { detail: `"${pattern}": "${key}" is not Unicode.`, cause })
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

const decode = (segment: string): string | undefined => {
  try {
    const value = decodeURIComponent(segment)
    // One value has one name: 'board/%34' is no other way to write 'board/4'.
    return value !== '' && encodeURIComponent(value) === segment ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * The decoded parameters of a name that belongs to a pattern; `undefined` when it does not.
 * @example
 * matchChannelName('board/:id', 'board/a%2Fb') // { id: 'a/b' }
 */
export const matchChannelName = (
  pattern: string,
  name: string,
): Readonly<Record<string, string>> | undefined => {
  if (name.length > maxChannelNameLength) return undefined
  const segments = segmentsOf(pattern)
  const parts = segmentsOf(name)
  if (segments.length !== parts.length) return undefined
  const found: [string, string][] = []
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? ''
    const value = isParameter(segment) ? decode(part) : segment === part ? part : undefined
    if (value === undefined) return undefined
    if (isParameter(segment)) found.push([segment.slice(1), value])
  }
  return Object.fromEntries(found)
}

/** True when a name could belong to both patterns. */
export const patternsOverlap = (a: string, b: string): boolean => {
  const others = segmentsOf(b)
  const segments = segmentsOf(a)
  return (
    segments.length === others.length &&
    segments.every((segment, index) => {
      const other = others[index] ?? ''
      return isParameter(segment) || isParameter(other) || segment === other
    })
  )
}
