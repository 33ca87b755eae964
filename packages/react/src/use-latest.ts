'use client'
import { type RefObject, useInsertionEffect, useRef } from 'react'

/** A reference to what the last committed render passed; set before any other effect runs. */
export const useLatest = <T>(value: T): RefObject<T> => {
  const latest = useRef(value)
  useInsertionEffect(() => {
    latest.current = value
  })
  return latest
}
