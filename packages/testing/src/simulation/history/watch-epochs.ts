/**
 * Rule 1: one `{ epoch, seq }` is one message for ever. A log that was lost begins in another epoch; a restored backup
 * alone goes on in an epoch that it has left before.
 */
export const createEpochWatch = (
  wasRestored: () => boolean,
  violated: (message: string) => void,
): ((channel: string, epoch: string, seq: number) => void) => {
  const begun = new Set<string>()
  return (channel, epoch, seq) => {
    if (seq !== 1) return
    const log = `${channel} ${epoch}`
    if (begun.has(log) && !wasRestored()) violated(`${channel} begins for the second time in ${epoch}`)
    begun.add(log)
  }
}
