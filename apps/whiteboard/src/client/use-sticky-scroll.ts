import { type RefObject, useEffect, useRef } from 'react'

/** Keeps the end of a list in view as it grows, unless the person has scrolled away from it. */
export const useStickyScroll = (list: RefObject<HTMLElement | null>, content: unknown): void => {
  const atEnd = useRef(true)
  useEffect(() => {
    const element = list.current
    if (!element) return
    const note = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24
    }
    element.addEventListener('scroll', note, { passive: true })
    return () => element.removeEventListener('scroll', note)
  }, [list])
  useEffect(() => {
    if (atEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [content, list])
}
