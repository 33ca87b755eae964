import { type SynclineError, toWireError } from '@syncline/core'
import type { WireError } from '@syncline/core/protocol'
import { outgoingFrame, outgoingJson } from '../fan-out/outgoing-frame.ts'
import type { StoredAnswer, StreamKey } from '../store/hub-store.ts'
import type { HasAnswers } from './stream-context.ts'
import type { WriteSource } from './write-source.ts'

/** A `WireAnswer` as JSON: the result in it is JSON already. */
const answerJson = ({ n, id, outcome }: StoredAnswer): string =>
  outcome.type === 'accepted'
    ? `[${n},${JSON.stringify(id)},"accepted",${outcome.result},${JSON.stringify(outcome.effects)}]`
    : rejectedJson(n, id, outcome.error)

const rejectedJson = (n: number, id: string, error: WireError): string =>
  JSON.stringify([n, id, 'rejected', error])

/** What a stream says to its client: answers gathered into one frame, and from where to send again. */
export class Replies implements HasAnswers {
  /** The link that the client wrote over last, while anything is to be said: a stream outlives its links. */
  source: WriteSource | undefined
  readonly #key: StreamKey
  readonly #hasAnswers: (answering: HasAnswers) => void
  readonly #isIdle: () => boolean
  #waiting: string[] = []
  /** The session that was told to go back, and to which number: what follows that number is known to come again. */
  #toldBack: string | undefined
  #toldExpect = 0

  /** @param isIdle whether no write is under way */
  constructor(key: StreamKey, hasAnswers: (answering: HasAnswers) => void, isIdle: () => boolean) {
    this.#key = key
    this.#hasAnswers = hasAnswers
    this.#isIdle = isIdle
  }

  /** Lets go of the link once there is nothing left to say over it. */
  rest(): void {
    if (this.#waiting.length === 0 && this.#isIdle()) this.source = undefined
  }

  answer(answer: StoredAnswer): void {
    if (this.#waiting.push(answerJson(answer)) === 1) this.#hasAnswers(this)
  }

  /** A refusal that does not use up the number. */
  refuse(n: number, id: string, error: SynclineError): void {
    if (this.#waiting.push(rejectedJson(n, id, toWireError(error))) === 1) this.#hasAnswers(this)
  }

  sendAnswers(): void {
    if (this.#waiting.length === 0) return
    const answers = this.#waiting
    this.#waiting = []
    const address = JSON.stringify({ type: 'answers', ...this.#address() }).slice(0, -1)
    this.source?.send(outgoingJson(`${address},"answers":[${answers.join()}]}`))
    this.rest()
  }

  back(source: WriteSource, expect: number, error: SynclineError): void {
    if (this.#toldBack === source.id && this.#toldExpect === expect) return
    this.#toldBack = source.id
    this.#toldExpect = expect
    source.send(outgoingFrame({ type: 'back', ...this.#address(), expect, error: toWireError(error) }))
  }

  /** The number asked for has come: the next `back` is a new one. */
  inTurn(): void {
    this.#toldBack = undefined
  }

  /** False: not said. Not for what followed a number that was given back: of that it is known that nothing was taken. */
  unknown(source: WriteSource, from: number): boolean {
    if (this.#toldBack === source.id && this.#toldExpect < from) return false
    source.send(outgoingFrame({ type: 'unknown-stream', ...this.#address(), from }))
    return true
  }

  #address() {
    const { channel, client, generation } = this.#key
    return { channel, client, generation }
  }
}
