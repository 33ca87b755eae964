import { names } from './people.ts'

/** As many as there are names to begin with: they are told apart by their colours. */
export const personColours = ['violet', 'teal', 'orange', 'blue', 'red', 'green', 'pink', 'brown'] as const
export type PersonColour = (typeof personColours)[number]

/** What can be drawn with. Names, not values: each looks right in light and in dark (see globals.css). */
export const colours = ['ink', ...personColours] as const
export type Colour = (typeof colours)[number]

/** How thick a pen is, in the board's units. */
export const widths = { fine: 3, medium: 7, broad: 16 } as const
export type Width = keyof typeof widths

/** The colour of a person: the same in every window. */
export const colourOf = (person: string): PersonColour => {
  const known: readonly string[] = names
  const index = known.includes(person) ? known.indexOf(person) : hashOf(person)
  return personColours[index % personColours.length] ?? 'blue'
}

/** The pens that a person is offered: as many as a phone has place for, their own colour among them. */
export const pensOf = (person: string): readonly Colour[] => {
  const own = colourOf(person)
  const others = (['red', 'orange', 'green', 'blue', 'violet'] as const).filter((colour) => colour !== own)
  return ['ink', own, ...others.slice(0, 4)]
}

const hashOf = (text: string): number => {
  let hash = 0
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0
  return hash
}
