/** The longest time that Node's timers take; longer ones fire at once. */
const MAX_DELAY = 2 ** 31 - 1

/** Named timers of one connection; starting one again replaces it. None keeps the process alive. */
export interface Timers<Name extends string> {
  start(name: Name, milliseconds: number, run: () => void): void
  stop(...names: Name[]): void
}

export const createTimers = <Name extends string>(): Timers<Name> => {
  const running = new Map<Name, NodeJS.Timeout>()
  const stop = (...names: Name[]) => {
    for (const name of names) {
      clearTimeout(running.get(name))
      running.delete(name)
    }
  }
  return {
    stop,
    start: (name, milliseconds, run) => {
      stop(name)
      const timer = setTimeout(
        () => {
          running.delete(name)
          run()
        },
        Math.min(Math.max(milliseconds, 0), MAX_DELAY),
      )
      timer.unref()
      running.set(name, timer)
    },
  }
}
