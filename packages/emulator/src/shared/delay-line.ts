/** Hands items on in order, each after the delay that held when it came in. */
export interface DelayLine<T> {
  push(item: T): void
  /** Forgets what is still on the way. */
  clear(): void
}

/**
 * @param delay milliseconds; asked for each item; 0 hands it on at once, unless earlier ones are still on the way
 * @param maxItems items on the way; one more calls `onOverflow` and is dropped
 */
export const createDelayLine = <T>(
  delay: () => number,
  deliver: (item: T) => void,
  maxItems: number,
  onOverflow: () => void,
): DelayLine<T> => {
  let queue: { readonly item: T; readonly due: number }[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const drain = () => {
    timer = undefined
    const now = performance.now()
    while (queue[0] && queue[0].due <= now) deliver(queue.shift()!.item)
    schedule()
  }
  const schedule = () => {
    if (queue[0] && !timer)
      timer = setTimeout(drain, Math.max(1, Math.ceil(queue[0].due - performance.now())))
  }
  return {
    push: (item) => {
      const wait = delay()
      if (wait <= 0 && queue.length === 0) return deliver(item)
      if (queue.length >= maxItems) return onOverflow()
      const due = Math.max(performance.now() + wait, queue.at(-1)?.due ?? 0)
      queue.push({ item, due })
      schedule()
    },
    clear: () => {
      queue = []
      clearTimeout(timer)
      timer = undefined
    },
  }
}
