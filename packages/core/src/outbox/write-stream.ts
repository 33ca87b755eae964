/**
 * A write stream as the client sees it (rule 4): which writes have a number and no answer yet. Pure; the
 * lane gives it storage and a link. `W` is whatever stands for a write.
 */
export interface WriteStream<W> {
  /** From 1; grows when the hub no longer knows the stream. */
  readonly generation: number
  /** The number that the next write gets. */
  readonly next: number
  /** The writes with numbers up to `next - 1`, in order; undefined where the answer is there already. */
  readonly sent: readonly (W | undefined)[]
}

export const newStream = <W>(generation = 1): WriteStream<W> => ({ generation, next: 1, sent: [] })

/** The first number without an answer; `next` when there is none. */
export const firstOpen = (stream: WriteStream<unknown>): number => stream.next - stream.sent.length

/** The write that waits for an answer under this number. */
export const openAt = <W>(stream: WriteStream<W>, n: number): W | undefined =>
  stream.sent[n - firstOpen(stream)]

/** What waits for an answer from number `n` on. */
export const openFrom = <W>(stream: WriteStream<W>, n: number): (readonly [n: number, write: W])[] => {
  const first = firstOpen(stream)
  const open: [number, W][] = []
  for (let index = Math.max(0, n - first); index < stream.sent.length; index++) {
    const write = stream.sent[index]
    if (write !== undefined) open.push([first + index, write])
  }
  return open
}

/** Gives numbers: the only place where they come from, so they have no holes. */
export const assign = <W>(stream: WriteStream<W>, writes: readonly W[]): WriteStream<W> => ({
  ...stream,
  next: stream.next + writes.length,
  sent: [...stream.sent, ...writes],
})

/** Takes the last numbers back. Only for what never left: marking it `sent` failed. */
export const unassign = <W>(stream: WriteStream<W>, count: number): WriteStream<W> =>
  count ? { ...stream, next: stream.next - count, sent: stream.sent.slice(0, -count) } : stream

/** Removes what was answered. */
export const answer = <W>(stream: WriteStream<W>, numbers: Iterable<number>): WriteStream<W> => {
  const first = firstOpen(stream)
  const sent = stream.sent.slice()
  for (const n of numbers) if (n >= first && n < stream.next) sent[n - first] = undefined
  let open = 0
  while (open < sent.length && sent[open] === undefined) open++
  return { ...stream, sent: sent.slice(open) }
}

/**
 * What `back` asks for: go on from `expect`, or `'unknown'` when the hub expects a number that we no longer
 * have or never gave: it, or we, came back from a backup.
 */
export const goBack = (stream: WriteStream<unknown>, expect: number): number | 'unknown' =>
  expect === stream.next || openAt(stream, expect) !== undefined ? expect : 'unknown'

/**
 * The stream after the hub forgot it. The outcome of what is `lost` can't be known; the hub that has just refused
 * the stream is the only one that has seen what comes `again`: the numbers from `since` on.
 */
export const restart = <W>(
  stream: WriteStream<W>,
  since: number,
): { stream: WriteStream<W>; lost: W[]; again: W[] } => {
  const open = openFrom(stream, 0)
  return {
    stream: newStream(stream.generation + 1),
    lost: open.filter(([n]) => n < since).map(([, write]) => write),
    again: open.filter(([n]) => n >= since).map(([, write]) => write),
  }
}
