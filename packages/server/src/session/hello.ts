import { SynclineError } from '@syncline/core'
import { type HelloFrame, PROTOCOL_VERSION } from '@syncline/core/protocol'
import { decodeClientFrame } from './decode-client-frame.ts'

/**
 * A link's first frame, of a client that speaks this hub's protocol.
 * @throws SynclineError `malformed-frame`, `protocol-version`
 */
export const helloOf = (first: unknown): HelloFrame => {
  const hello = decodeClientFrame(first)
  if (hello.type !== 'hello')
    throw new SynclineError('malformed-frame', { detail: 'The first frame is hello.' })
  if (hello.version !== PROTOCOL_VERSION)
    throw new SynclineError('protocol-version', {
      detail: `The client speaks ${hello.version}, the hub ${PROTOCOL_VERSION}.`,
    })
  return hello
}
