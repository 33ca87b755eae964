/**
 * Stops on Ctrl-C, when it is asked to end, and with the start page that started it. A second Ctrl-C does not wait.
 *
 * @param stop ends the process when all is tidy
 */
export const onStop = (stop: () => Promise<unknown>): void => {
  let stopping = false
  const once = () => {
    if (stopping) return
    stopping = true
    void stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, once)
  process.once('disconnect', once)
  // It may have ended before: then there is no event any more.
  if (process.connected === false) setImmediate(once)
}
