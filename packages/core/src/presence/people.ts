import type { Member, Person } from './presence.ts'

const presence = { active: 2, idle: 1, away: 0 } as const

/** The list as it was where nothing in it has changed, so that who shows it need not look. */
const keep = <T>(before: readonly T[], next: readonly T[]): readonly T[] =>
  before.length === next.length && before.every((item, index) => item === next[index]) ? before : next

const collapse = <S>(person: string, members: readonly Member<S>[]): Person<S> => {
  let [best] = members
  let typing = false
  let self = false
  for (const member of members) {
    typing ||= member.typing
    self ||= member.self
    // The members are in the order in which they entered.
    if (best && presence[member.status] >= presence[best.status]) best = member
  }
  const { state, status } = best!
  return { person, state, status, typing, self, members }
}

/** Collapses members by person, who stand in the order of their first member. Who has not changed stays the same object. */
export const createPeople = <S>(): ((members: readonly Member<S>[]) => readonly Person<S>[]) => {
  let known = new Map<string, Person<S>>()
  let last: readonly Person<S>[] = []
  return (members) => {
    const groups = new Map<string, Member<S>[]>()
    for (const member of members) {
      const group = groups.get(member.person)
      if (group) group.push(member)
      else groups.set(member.person, [member])
    }
    const next = new Map<string, Person<S>>()
    for (const [person, group] of groups) {
      const before = known.get(person)
      const unchanged = before && keep(before.members, group) === before.members
      next.set(person, unchanged ? before : collapse(person, group))
    }
    known = next
    last = keep(last, [...next.values()])
    return last
  }
}

/** Who else is typing. */
export const createTypists = <S>(): ((people: readonly Person<S>[]) => readonly Person<S>[]) => {
  let last: readonly Person<S>[] = []
  return (people) => {
    last = keep(
      last,
      people.filter(({ typing, self }) => typing && !self),
    )
    return last
  }
}
