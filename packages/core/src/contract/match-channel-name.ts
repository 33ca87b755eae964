import { isParameter, maxChannelNameLength, segmentsOf } from './channel-name.ts'

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
