/**
 * A text that is the same for the same content: keys sorted, kinds told apart, so that it can order any two
 * values of JSON and of structured clone without cycles.
 */
export const canonical = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null)
    return `${typeof value}:${Object.is(value, -0) ? '-0' : String(value)}`
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value instanceof Date) return `date:${value.getTime()}`
  if (value instanceof Map) return `map:${canonical([...value])}`
  if (value instanceof Set) return `set:${canonical([...value])}`
  if (ArrayBuffer.isView(value))
    return `bytes:${[...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)].join()}`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join()}}`
}
