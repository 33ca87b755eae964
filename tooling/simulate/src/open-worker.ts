import { Worker } from 'node:worker_threads'
import { GIVEN_UP_AFTER, hungRan } from './hung.ts'
import type { Answer, Ask, Ran } from './messages.ts'

/** A thread that runs histories, one request at a time. */
export interface HistoryWorker {
  readonly faultKinds: readonly string[]
  /** The last one is `hung` if it did not end: the worker is of no use any more, and those after it have not run. */
  run(seeds: readonly number[], untilBroken?: boolean): Promise<readonly Ran[]>
  /** A failure as text, as short as it could be made. */
  shrink(ran: Ran): Promise<string>
  close(): Promise<unknown>
}

/** Real milliseconds that making a failure short may take. */
const SHRUNK_WITHIN = 300_000

/** @param givenUpAfter real milliseconds that one history may take */
export const openWorker = async (file: string, givenUpAfter = GIVEN_UP_AFTER): Promise<HistoryWorker> => {
  const worker = new Worker(file)
  let told = (_answer: Answer): void => {}
  let fail = (_error: Error): void => {}
  worker.on('message', (answer: Answer) => told(answer))
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => fail(new Error(`The worker ended with ${code}.`)))

  /** What `take` makes of the answers; `late` if none comes for so long. */
  const listen = <T>(within: number, late: () => T, take: (answer: Answer) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout
      const settle = (result: T): void => {
        clearTimeout(timer)
        resolve(result)
      }
      const wait = (): void => {
        clearTimeout(timer)
        timer = setTimeout(() => {
          void worker.terminate()
          settle(late())
        }, within)
      }
      fail = (error) => {
        clearTimeout(timer)
        reject(error)
      }
      told = (answer) => {
        wait()
        const result = take(answer)
        if (result !== undefined) settle(result)
      }
      wait()
    })
  const ask = (question: Ask): void => worker.postMessage(question)

  const faultKinds = await listen<readonly string[]>(
    GIVEN_UP_AFTER,
    () => {
      throw new Error('The worker did not say that it is ready.')
    },
    (answer) => (answer.type === 'ready' ? answer.faultKinds : undefined),
  )
  return {
    faultKinds,
    run: (seeds, untilBroken = false) => {
      const all: Ran[] = []
      let current = seeds[0] as number
      const results = listen<readonly Ran[]>(
        givenUpAfter,
        () => [...all, hungRan(current)],
        (answer) => {
          if (answer.type === 'began') current = answer.seed
          if (answer.type === 'ran') all.push(answer.ran)
          return answer.type === 'done' ? all : undefined
        },
      )
      ask({ type: 'run', seeds, untilBroken })
      return results
    },
    shrink: (ran) => {
      const { seed, promise, message } = ran
      const text = listen(
        SHRUNK_WITHIN,
        () => `Seed ${seed} breaks a promise: ${promise}\n  ${message}\nIt could not be made short in time.`,
        (answer) => (answer.type === 'shrunk' ? answer.text : undefined),
      )
      ask({ type: 'shrink', ran })
      return text
    },
    close: () => worker.terminate(),
  }
}
