import { type KeyboardEvent, type PointerEvent, useEffect, useMemo } from 'react'
import { size } from '../contract.ts'
import type { Point } from './ink.ts'
import { createPen, type PenOptions } from './pen.ts'
import { useLatest } from './use-latest.ts'

export interface UsePenOptions extends PenOptions {
  /** Where the keyboard's pen is; undefined while the keyboard is not used. */
  readonly onCrosshair: (point: Point | undefined) => void
  /** Where this person's hand is; undefined when it has left the board. */
  readonly onCursor: (point: Point | undefined) => void
}

const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
const step = 12
const bigStep = 60

/** Handlers for what is drawn on: they draw with whatever points, and with the keys. */
export const usePen = (options: UsePenOptions) => {
  const latest = useLatest(options)
  const [handlers, lift] = useMemo(() => createHandlers(latest), [latest])
  useEffect(() => lift, [lift])
  return handlers
}

const createHandlers = (latest: { readonly current: UsePenOptions }) => {
  const pen = createPen({
    isWatched: () => latest.current.isWatched(),
    onPart: (part) => latest.current.onPart(part),
    onPath: (path) => latest.current.onPath(path),
  })
  /** The pointer that draws: another finger does not. */
  let pointer: number | undefined
  let crosshair: Point = { x: size.width / 2, y: size.height / 2 }

  const up = (event: PointerEvent) => {
    if (event.pointerId !== pointer) return
    pointer = undefined
    pen.up()
    if (event.pointerType !== 'mouse') latest.current.onCursor(undefined)
  }
  const hideCrosshair = () => {
    if (pointer === undefined) pen.up()
    latest.current.onCrosshair(undefined)
  }
  const handlers = {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      if (event.button !== 0 || pointer !== undefined) return
      event.currentTarget.setPointerCapture(event.pointerId)
      hideCrosshair()
      pointer = event.pointerId
      pen.down(pointOf(event, event.currentTarget))
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      const { currentTarget, nativeEvent } = event
      if (pointer !== undefined && event.pointerId !== pointer) return
      latest.current.onCursor(pointOf(event, currentTarget))
      if (pointer === undefined) return
      const between = nativeEvent.getCoalescedEvents?.() ?? []
      const box = currentTarget.getBoundingClientRect()
      pen.move((between.length > 0 ? between : [nativeEvent]).map((at) => within(at, box)))
    },
    onPointerUp: up,
    onPointerCancel: up,
    onPointerLeave: () => latest.current.onCursor(undefined),
    onBlur: () => {
      hideCrosshair()
      latest.current.onCursor(undefined)
    },
    onKeyDown: (event: KeyboardEvent) => {
      const arrow = arrows[event.key]
      if (event.key === ' ') {
        if (pen.isDown) pen.up()
        else if (!event.repeat) pen.down(crosshair)
      } else if (arrow) {
        const by = event.shiftKey ? bigStep : step
        crosshair = {
          x: clamp(crosshair.x + arrow[0] * by, size.width),
          y: clamp(crosshair.y + arrow[1] * by, size.height),
        }
        if (pen.isDown) pen.move([crosshair])
      } else return
      event.preventDefault()
      latest.current.onCrosshair(crosshair)
      latest.current.onCursor(crosshair)
    },
  }
  return [handlers, pen.up] as const
}

const clamp = (value: number, most: number): number => Math.round(Math.min(most, Math.max(0, value)))

interface OnScreen {
  readonly clientX: number
  readonly clientY: number
}

/** A point of the screen in the board's units. */
const within = ({ clientX, clientY }: OnScreen, box: DOMRect): Point => ({
  x: clamp(((clientX - box.left) / box.width) * size.width, size.width),
  y: clamp(((clientY - box.top) / box.height) * size.height, size.height),
})

const pointOf = (at: OnScreen, board: Element): Point => within(at, board.getBoundingClientRect())
