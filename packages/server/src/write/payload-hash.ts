/**
 * A fast 53-bit hash of what a write asks for, to notice that a stream number was used for something else.
 * cyrb53 by bryc (public domain); it guards against mistakes, not against a person's own malice.
 */
export const payloadHash = (kind: string, name: string, json: string): string => {
  const text = `${kind}\n${name}\n${json}`
  let high = 0xdeadbeef | 0
  let low = 0x41c6ce57 | 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36)
}
