'use client'
import type { State } from '@syncline/core'
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'

/** A memoized `selector` that gives the last result again where the new one `isEqual`. */
const memoize = <T, Selected>(
  selector: (value: T) => Selected,
  isEqual: (a: Selected, b: Selected) => boolean,
  last: { readonly selected: Selected } | undefined,
) => {
  let seen: { readonly value: T } | undefined
  return (value: T): Selected => {
    if (last && seen && Object.is(seen.value, value)) return last.selected
    seen = { value }
    const selected = selector(value)
    if (!last || !isEqual(last.selected, selected)) last = { selected }
    return last.selected
  }
}

/**
 * What `selector` makes of a state. Renders again only when the result is not `isEqual` to the last one, so both
 * may be written inline. As `useSyncExternalStoreWithSelector` of React does it.
 */
export const useSelected = <T, Selected>(
  state: State<T>,
  initial: T,
  selector: (value: T) => Selected,
  isEqual: (a: Selected, b: Selected) => boolean = Object.is,
): Selected => {
  const shown = useRef<{ readonly selected: Selected } | undefined>(undefined)
  const store = useMemo(() => {
    const select = memoize(selector, isEqual, shown.current)
    return { get: () => select(state.get()), initial: () => select(initial) }
  }, [state, initial, selector, isEqual])
  const subscribe = useMemo(
    () => (changed: () => void) => {
      const subscription = state.subscribe(changed)
      return () => subscription.unsubscribe()
    },
    [state],
  )
  const selected = useSyncExternalStore(subscribe, store.get, store.initial)
  useEffect(() => {
    shown.current = { selected }
  }, [selected])
  return selected
}
