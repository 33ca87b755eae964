import type { PlainTransport } from '../plain/plain-transport.ts'
import type { Transport } from '../transport/transport.ts'
import { createClient } from './create-client.ts'

declare const transport: Transport
declare const plain: PlainTransport<true>

createClient({ transport, identity: 'ada' }).channel
createClient({ transport: plain }).plain

// A mistake is reported where it is, not at the transport.
createClient({
  transport,
  // @ts-expect-error no such option
  storge: undefined,
})
createClient({
  transport,
  // @ts-expect-error a string
  identity: 3,
})
createClient({
  // @ts-expect-error no transport
  transport: 3,
})
