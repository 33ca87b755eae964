'use client'
import type { View } from '@syncline/core'
import { useSelected } from './use-selected.ts'

/**
 * The state of a view, overlays of pending writes included; undefined until it is loaded, on the server and during
 * hydration. The view joins its channel while a component shows it.
 *
 * @param selector Picks what is shown; it may be written inline.
 * @param isEqual Whether two results are the same to the eye. Default `Object.is`.
 *
 * @example
 * const todos = useView(list)
 * const open = useView(list, (todos = []) => todos.filter((todo) => !todo.done).length)
 */
export function useView<S>(view: View<S>): S | undefined
export function useView<S, Selected>(
  view: View<S>,
  selector: (state: S | undefined) => Selected,
  isEqual?: (a: Selected, b: Selected) => boolean,
): Selected
export function useView(
  view: View<unknown>,
  selector: (state: unknown) => unknown = itself,
  isEqual?: (a: unknown, b: unknown) => boolean,
): unknown {
  return useSelected<unknown, unknown>(view, undefined, selector, isEqual)
}

const itself = <T>(state: T): T => state
