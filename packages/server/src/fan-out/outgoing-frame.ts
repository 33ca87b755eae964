import type { HubFrame } from '@syncline/core/protocol'
import type { OutgoingFrame } from '../gateway/gateway.ts'

/** Whichever of frame and JSON it was made from, the other is made once and on demand. */
class Outgoing implements OutgoingFrame {
  #frame: HubFrame | undefined
  #json: string | undefined
  #gateway: object | undefined
  #encoded: unknown
  #others: Map<object, unknown> | undefined

  constructor(frame: HubFrame | undefined, json: string | undefined) {
    this.#frame = frame
    this.#json = json
  }

  get frame(): HubFrame {
    this.#frame ??= JSON.parse(this.#json ?? '') as HubFrame
    return this.#frame
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.#frame)
    return this.#json
  }

  encoded<T>(gateway: object, make: (json: string) => T): T {
    if (this.#gateway === gateway) return this.#encoded as T
    if (this.#gateway === undefined) {
      this.#gateway = gateway
      this.#encoded = make(this.json)
      return this.#encoded as T
    }
    this.#others ??= new Map()
    if (!this.#others.has(gateway)) this.#others.set(gateway, make(this.json))
    return this.#others.get(gateway) as T
  }
}

/** A frame made for one link, or for many of them. */
export const outgoingFrame = (frame: HubFrame): OutgoingFrame => new Outgoing(frame, undefined)

/** A frame whose JSON was put together from parts that are JSON already. */
export const outgoingJson = (json: string): OutgoingFrame => new Outgoing(undefined, json)
