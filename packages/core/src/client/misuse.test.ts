import { createVirtualTime } from '@syncline/testing'
import { expect, it } from 'vitest'
import { createScriptedTransport } from '../../test/scripted-transport.ts'
import { defineChannel } from '../contract/define-channel.ts'
import { type } from '../contract/schema.ts'
import { createClient } from './create-client.ts'

it.each([{}, undefined])('a client without a transport is refused: %o', (options) => {
  expect(() => createClient(options as never)).toThrow(/createClient: `transport` is missing/)
})

it('an event that is not in the contract is refused where it is listened to', () => {
  const { environment } = createVirtualTime()
  const client = createClient({ transport: createScriptedTransport().transport, environment })
  const channel = client.channel(defineChannel('notes', { events: { added: type<string>() } }))
  const refused = (event: string) =>
    expect.objectContaining({ code: 'unknown-event', detail: `"${event}"`, channel: 'notes' })
  expect(() => channel.on('aded' as never, () => undefined)).toThrow(refused('aded'))
  expect(() => channel.on('toString' as never)).toThrow(refused('toString'))
})
