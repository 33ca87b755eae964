import { Worker } from 'node:worker_threads'
import type { Answer, Ask, Ran, Shrunk } from './messages.ts'

/** A thread that runs histories, one request at a time. */
export interface HistoryWorker {
  readonly faultKinds: readonly string[]
  run(seeds: readonly number[], untilBroken?: boolean): Promise<readonly Ran[]>
  shrink(seed: number): Promise<Shrunk>
  close(): Promise<unknown>
}

export const openWorker = async (file: string): Promise<HistoryWorker> => {
  const worker = new Worker(file)
  let settle = (_answer: Answer): void => {}
  let fail = (_error: Error): void => {}
  worker.on('message', (answer: Answer) => settle(answer))
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => fail(new Error(`The worker ended with ${code}.`)))
  const next = (): Promise<Answer> =>
    new Promise((resolve, reject) => {
      settle = resolve
      fail = reject
    })
  const ask = (question: Ask): Promise<Answer> => {
    const answer = next()
    worker.postMessage(question)
    return answer
  }
  const ready = await next()
  if (ready.type !== 'ready') throw new Error('The worker did not say that it is ready.')
  return {
    faultKinds: ready.faultKinds,
    run: async (seeds, untilBroken = false) => {
      const answer = await ask({ type: 'run', seeds, untilBroken })
      return answer.type === 'ran' ? answer.results : []
    },
    shrink: async (seed) => {
      const answer = await ask({ type: 'shrink', seed })
      return answer.type === 'shrunk' ? answer.shrunk : { text: 'Nothing came.', steps: 0 }
    },
    close: () => worker.terminate(),
  }
}
