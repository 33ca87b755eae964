/** Keyboard users go on where they were, although the item under them goes: in the next one, or at the top. */
export const focusNeighbour = (item: Element | null | undefined, control: string): void => {
  const neighbour = item?.nextElementSibling ?? item?.previousElementSibling
  const next = neighbour?.querySelector<HTMLElement>(control) ?? document.getElementById('new-todo')
  next?.focus()
}
