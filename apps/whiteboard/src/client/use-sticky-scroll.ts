import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react'

/** How far from the end still counts as there, in CSS pixels. */
const near = 24

/** Keeps the end of a list in view as it or what is around it changes, unless the person has scrolled away. */
export const useStickyScroll = (list: RefObject<HTMLElement | null>): void => {
  const atEnd = useRef(true)
  useEffect(() => {
    const element = list.current
    if (!element) return
    let top = element.scrollTop
    // A list that has become smaller is not at its end, but nobody has scrolled away: only the way up says so.
    const note = () => {
      const stays = atEnd.current && element.scrollTop >= top
      top = element.scrollTop
      atEnd.current = stays || element.scrollHeight - top - element.clientHeight < near
    }
    const sizes = new ResizeObserver(() => atEnd.current && toEnd(element))
    element.addEventListener('scroll', note, { passive: true })
    sizes.observe(element)
    return () => {
      element.removeEventListener('scroll', note)
      sizes.disconnect()
    }
  }, [list])
  useLayoutEffect(() => {
    if (atEnd.current && list.current) toEnd(list.current)
  })
}

const toEnd = (element: HTMLElement): void => element.scrollTo({ top: element.scrollHeight })
