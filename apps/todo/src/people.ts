/** Who may sign in. A real app has accounts; here one picks a name. */
export const people = ['ada', 'grace', 'radia'] as const
export type Person = (typeof people)[number]

export const isPerson = (value: unknown): value is Person => people.some((person) => person === value)

export const nameOf = (person: string): string => person.charAt(0).toUpperCase() + person.slice(1)
