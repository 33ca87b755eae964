import { AblyError } from '../ably-error.ts'

/** What a key or token may do: operations by channel pattern, e.g. `{ "todos:*": ["subscribe"] }`. */
export type Capability = Readonly<Record<string, readonly string[]>>

export const everything: Capability = { '*': ['*'] }

/** @throws AblyError with `code`, when it is not a map of non-empty patterns to lists of operations */
export const parseCapability = (text: string, code = 40003): Capability => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new AblyError(code, 'capability is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new AblyError(code, 'capability is not an object')
  for (const [pattern, operations] of Object.entries(parsed))
    if (!pattern || !Array.isArray(operations) || !operations.every((name) => typeof name === 'string'))
      throw new AblyError(code, `capability of "${pattern}" is not a list of operations`)
  return parsed as Capability
}

/** The canonical form that token requests sign and tokens show: keys and operations sorted. */
export const formatCapability = (capability: Capability): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.keys(capability)
        .sort()
        .map((pattern) => [pattern, [...(capability[pattern] ?? [])].sort()]),
    ),
  )

export const allows = (capability: Capability, channel: string, operation: string): boolean =>
  Object.entries(capability).some(
    ([pattern, operations]) =>
      (operations.includes('*') || operations.includes(operation)) && covers(pattern, channel),
  )

/**
 * What both grant: a token never gets more than its key has.
 *
 * @throws AblyError 40160 when nothing is left
 */
export const intersect = (granted: Capability, requested: Capability): Capability => {
  const result: Record<string, string[]> = {}
  for (const [wanted, wantedOperations] of Object.entries(requested))
    for (const [had, hadOperations] of Object.entries(granted)) {
      const pattern = covers(had, wanted) ? wanted : covers(wanted, had) ? had : undefined
      const operations = wantedOperations.includes('*')
        ? [...hadOperations]
        : hadOperations.includes('*')
          ? [...wantedOperations]
          : wantedOperations.filter((operation) => hadOperations.includes(operation))
      if (pattern && operations.length > 0)
        result[pattern] = [...new Set([...(result[pattern] ?? []), ...operations])]
    }
  if (Object.keys(result).length === 0)
    throw new AblyError(40160, 'the key grants nothing of the requested capability')
  return result
}

/** `*` stands for one segment between colons, and at the end for one or more. */
const covers = (pattern: string, name: string): boolean => {
  if (pattern === '*' || pattern === '[*]*' || pattern === name) return true
  const parts = pattern.split(':')
  const segments = name.split(':')
  if (parts.at(-1) === '*' ? segments.length < parts.length : segments.length !== parts.length) return false
  return parts.every((part, index) => part === '*' || part === segments[index])
}
