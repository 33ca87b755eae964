/** Somebody whose app looks at a list of members. */
export interface Witness {
  readonly name: string
  readonly list: string
  /** Connected over an ordered link for so long that it hears what others do at once. */
  isListening(): boolean
  /** It sees a member type, or did at some time since then. */
  sawTyping(id: string, since: number): boolean
  /** The newest cursor that it was shown of a member. */
  cursorOf(id: string): number | undefined
}

/** What members do for a moment, and who sees it (promise 7). */
export interface Signs {
  readonly witnesses: Set<Witness>
  typed(list: string, id: string, at: number): void
  /** When a member typed last. */
  lastTyped(list: string, id: string): number
}

export const createSigns = (): Signs => {
  const typed = new Map<string, number>()
  return {
    witnesses: new Set(),
    typed: (list, id, at) => void typed.set(`${list} ${id}`, at),
    lastTyped: (list, id) => typed.get(`${list} ${id}`) ?? Number.NEGATIVE_INFINITY,
  }
}
