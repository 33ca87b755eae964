import { type AnyContract, formatChannelName, parse, type Schema, SynclineError } from '@syncline/core'
import type { ChannelRegistry } from '../channel/channel-registry.ts'
import type { Served } from '../channel/served.ts'
import { type Append, MessageDraft } from '../commit/message-draft.ts'
import type { HubEnvironment } from '../environment/hub-environment.ts'
import { isPromise } from '../environment/is-promise.ts'
import type { Limits } from '../limits.ts'

export interface PublishContext {
  readonly environment: HubEnvironment
  /** The next message's id. */
  readonly messageId: () => string
  readonly limits: Limits
  readonly registry: Pick<ChannelRegistry, 'find'>
}

/** The JSON of a message's data. @throws SynclineError `schema-violation`, `too-large` */
export const dataJson = (data: unknown, name: string, limits: Limits): string => {
  let json: string
  try {
    json = JSON.stringify(data) ?? 'null'
  } catch (cause) {
    throw new SynclineError('schema-violation', { detail: `${name} is not JSON.`, cause })
  }
  if (json.length > limits.messageBytes)
    throw new SynclineError('too-large', { detail: `${name} has more than ${limits.messageBytes} bytes.` })
  return json
}

/** @throws SynclineError `unknown-event` */
export const eventSchema = (served: Served, event: string): Schema => {
  const schema = served.events[event]
  if (!schema) throw new SynclineError('unknown-event', { detail: `${served.contract.name}: ${event}` })
  return schema
}

/** Gathers what one write publishes. Nothing leaves before the write is committed. */
export class Publisher {
  readonly #context: PublishContext
  readonly #writeId: string | undefined
  readonly #appends: { readonly channel: string; readonly messages: MessageDraft[] }[] = []
  #checks: PromiseLike<unknown>[] | undefined
  #count = 0
  #closed = false

  constructor(context: PublishContext, writeId: string | undefined) {
    this.#context = context
    this.#writeId = writeId
  }

  add(served: Served, channel: string, event: string, data: unknown): void {
    const { limits } = this.#context
    if (this.#closed)
      throw new SynclineError('closed', { detail: 'publish was called after the handler ended.' })
    if (++this.#count > limits.messagesPerWrite)
      throw new RangeError(`A write publishes at most ${limits.messagesPerWrite} messages.`)
    const checked = parse(eventSchema(served, event), data, event)
    if (isPromise(checked)) this.#check(checked)
    this.addChecked(channel, event, data)
  }

  /** A message whose data is known to be valid. */
  addChecked(channel: string, event: string, data: unknown): void {
    const { environment, messageId, limits } = this.#context
    const json = dataJson(data, event, limits)
    this.#append(channel, new MessageDraft(messageId(), environment.now(), event, json, this.#writeId))
  }

  /** `publish.to`: the contract must be one that the hub serves. Returns which channel that is. */
  addTo(
    contract: AnyContract,
    message: readonly unknown[],
  ): { readonly served: Served; readonly name: string } {
    const [event, data] = message.slice(-2)
    const name = formatChannelName(contract, (message.length > 2 ? message[0] : {}) as Record<string, string>)
    const match = this.#context.registry.find(name)
    if (!match || match.served.contract.name !== contract.name)
      throw new SynclineError('unknown-channel', { channel: name, detail: `"${name}"` })
    this.add(match.served, name, String(event), data)
    return { served: match.served, name }
  }

  /** What was gathered, once all of it is valid. */
  close(): readonly Append[] | Promise<readonly Append[]> {
    this.#closed = true
    return this.#checks ? Promise.all(this.#checks).then(() => this.#appends) : this.#appends
  }

  #check(checked: PromiseLike<unknown>): void {
    // Awaited by `close`; until then a refusal is not unhandled.
    checked.then(undefined, () => undefined)
    this.#checks ??= []
    this.#checks.push(checked)
  }

  #append(channel: string, draft: MessageDraft): void {
    for (const append of this.#appends)
      if (append.channel === channel) {
        const before = append.messages.at(-1)
        if (before) before.more = true
        append.messages.push(draft)
        return
      }
    this.#appends.push({ channel, messages: [draft] })
  }
}
