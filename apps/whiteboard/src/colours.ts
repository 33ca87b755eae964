/** Names, not values: each looks right in light and in dark (see globals.css). */
export const colours = ['ink', 'red', 'orange', 'green', 'blue', 'violet'] as const
export type Colour = (typeof colours)[number]

/** How thick a pen is, in the board's units. */
export const widths = { fine: 3, medium: 7, broad: 16 } as const
export type Width = keyof typeof widths

/** The colour of a person: the same in every window. Nobody is ink. */
export const colourOf = (person: string): Colour => {
  let hash = 0
  for (const char of person) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0
  return colours[1 + (hash % (colours.length - 1))] ?? 'blue'
}
