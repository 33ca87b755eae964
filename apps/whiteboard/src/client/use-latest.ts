import { useLayoutEffect, useRef } from 'react'

/** What was given at the last rendering, for handlers that stay the same. */
export const useLatest = <T>(value: T): { readonly current: T } => {
  const latest = useRef(value)
  useLayoutEffect(() => {
    latest.current = value
  })
  return latest
}
