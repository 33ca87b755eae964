import { type MutationSchemas, parse, SynclineError } from '@syncline/core'
import type { Identity } from '../channel/identity.ts'
import type { Served, ServedHandler } from '../channel/served.ts'
import type { Append } from '../commit/message-draft.ts'
import { isPromise } from '../environment/is-promise.ts'
import type { Limits } from '../limits.ts'
import { type PublishContext, Publisher } from './publisher.ts'
import { Refusal } from './refusal.ts'
import { reject, retryLater } from './refusals.ts'

/** A write that is about to run. */
export interface WriteCall {
  readonly id: string
  readonly kind: 'mutate' | 'publish' | 'void'
  readonly name: string
  readonly data: unknown
  readonly version: number
  readonly user: Identity
  readonly channel: string
  readonly served: Served
  readonly params: Readonly<Record<string, string>>
}

/** What a write came to. */
export interface Ran {
  readonly appends: readonly Append[]
  /** As JSON. */
  readonly result: string
}

/** A write that comes to something only inside the store's commit. */
export interface InTransaction {
  transaction(db: unknown): Ran
}
export type Running = Ran | InTransaction | Promise<Ran | InTransaction>

const refuse = (code: ConstructorParameters<typeof SynclineError>[0], detail: string): Refusal =>
  new Refusal(new SynclineError(code, { detail }))

/** The write as this contract's version has it. */
const upgraded = (call: WriteCall): WriteCall => {
  const { version, definition } = call.served.contract
  if (call.version === version || call.kind === 'void') return call
  const { kind, name, data } = call
  const write =
    call.version < version
      ? definition.upgradeWrite?.({ version: call.version, kind, name, data })
      : undefined
  if (!write) throw refuse('contract-outdated', `Made under version ${call.version}, the hub has ${version}.`)
  return { ...call, name: write.name, data: write.data }
}

/** What a schema says of data from a client: a violation refuses the write. */
const checked = (schema: MutationSchemas['input'], data: unknown, name: string): unknown => {
  const refused = (error: unknown): never => {
    throw error instanceof SynclineError ? new Refusal(error) : error
  }
  try {
    const parsed = parse(schema, data, name)
    return isPromise(parsed) ? parsed.then(undefined, refused) : parsed
  } catch (error) {
    return refused(error)
  }
}

const runPublish = (context: PublishContext, call: WriteCall): Ran | Promise<Ran> => {
  const { served, name, data, channel } = call
  const schema = served.events[name]
  if (!schema) throw refuse('unknown-event', name)
  if (!served.publishable.has(name)) throw refuse('publish-forbidden', name)
  const parsed = checked(schema, data, name)
  const add = (): Ran => {
    const publisher = new Publisher(context, call.id)
    try {
      publisher.addChecked(channel, name, data)
    } catch (error) {
      throw error instanceof SynclineError ? new Refusal(error) : error
    }
    return { appends: publisher.close() as readonly Append[], result: 'null' }
  }
  return isPromise(parsed) ? Promise.resolve(parsed).then(add) : add()
}

/** The result as JSON: made here, so that nothing later can fail of it or change it. */
const resultJson = (result: unknown, limits: Limits): string => {
  const json = JSON.stringify(result) ?? 'null'
  if (json.length > limits.resultBytes)
    throw new RangeError(`A result has at most ${limits.resultBytes} bytes.`)
  return json
}

const finish = (
  limits: Limits,
  publisher: Publisher,
  schemas: MutationSchemas,
  name: string,
  result: unknown,
): Ran | Promise<Ran> => {
  const appends = publisher.close()
  const output = schemas.output ? parse(schemas.output, result, name) : undefined
  const sent = schemas.output ? resultJson(result, limits) : 'null'
  if (!isPromise(appends) && !isPromise(output)) return { appends, result: sent }
  return Promise.all([appends, output]).then(([all]) => ({ appends: all, result: sent }))
}

const requestOf = (call: WriteCall, handler: ServedHandler, input: unknown, publisher: Publisher) => {
  const { served, channel, id, user, params } = call
  const publish = (event: string, data: unknown): void => publisher.add(served, channel, event, data)
  publish.to = (contract: Served['contract'], ...message: readonly unknown[]): void => {
    const to = publisher.addTo(contract, message)
    if (to.name === channel) return
    handler.reaches = true
    to.served.reached = true
  }
  return { input, writeId: id, user, params, channel, publish, reject, retryLater }
}

const invoke = (
  context: PublishContext,
  call: WriteCall,
  handler: ServedHandler,
  schemas: MutationSchemas,
  input: unknown,
): Running => {
  if (handler.type === 'transaction')
    return {
      transaction: (db) => {
        const publisher = new Publisher(context, call.id)
        const result = handler.run({ ...requestOf(call, handler, input, publisher), db })
        if (isPromise(result)) throw new TypeError('A transaction handler must be synchronous.')
        const ran = finish(context.limits, publisher, schemas, call.name, result)
        if (isPromise(ran)) throw new TypeError('A transaction handler needs synchronous schemas.')
        return ran
      },
    }
  const publisher = new Publisher(context, call.id)
  const result = handler.run(requestOf(call, handler, input, publisher))
  return isPromise(result)
    ? Promise.resolve(result).then((value) => finish(context.limits, publisher, schemas, call.name, value))
    : finish(context.limits, publisher, schemas, call.name, result)
}

/**
 * Runs a write up to its commit: upgrade, validation, handler. Whatever is wrong with the write itself throws
 * (or rejects with) a `Refusal`; anything else is the handler's own failure.
 */
export const runWrite = (context: PublishContext, given: WriteCall): Running => {
  const call = upgraded(given)
  if (call.kind === 'publish') return runPublish(context, call)
  const schemas = call.served.mutations[call.name]
  const handler = call.served.handlers.get(call.name)
  if (!schemas || !handler) throw refuse('unknown-mutation', call.name)
  const input = checked(schemas.input, call.data, call.name)
  return isPromise(input)
    ? Promise.resolve(input).then((value) => invoke(context, call, handler, schemas, value))
    : invoke(context, call, handler, schemas, input)
}
