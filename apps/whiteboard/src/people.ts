/** Who one is before one says so. A real app has accounts; here one types a name. */
export const names = ['Ada', 'Grace', 'Radia', 'Hedy', 'Barbara', 'Frances', 'Karen', 'Katherine'] as const

const longest = 24

/** A name as it is used: trimmed, with single spaces; undefined where none is left, or it is too long. */
export const toPerson = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const name = value
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
  return name.length > 0 && name.length <= longest ? name : undefined
}

export const isPerson = (value: unknown): value is string => toPerson(value) === value

/** Up to two letters that stand for a person. */
export const initialsOf = (person: string): string =>
  person
    .split(' ')
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()
