import type { ClientFrame } from '../protocol/frames.ts'

/** Collects frames of one turn. Its bound is the turn: what may be sent at all is bounded by the stages. */
export interface FrameGatherer {
  add(frames: readonly ClientFrame[]): void
  /** Forgets what was not sent; from now on nothing is. */
  close(): void
}

/** Frames that are added within one turn leave together, in order, with one call of `send`. */
export const gatherFrames = (send: (frames: readonly ClientFrame[]) => void): FrameGatherer => {
  let gathered: ClientFrame[] = []
  let closed = false
  const flush = () => {
    const frames = gathered
    gathered = []
    if (!closed) send(frames)
  }
  return {
    add: (frames) => {
      if (!frames.length) return
      if (!gathered.length) queueMicrotask(flush)
      for (const frame of frames) gathered.push(frame)
    },
    close: () => {
      closed = true
    },
  }
}
