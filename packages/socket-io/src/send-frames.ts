import { type ClientFrame, encodeClientFrame } from '@syncline/core/protocol'
import type { Socket } from 'socket.io-client'
import { FRAMES_EVENT } from './wire.ts'

/** What the SDK keeps to itself in its types only; either may be missing. */
interface Inside {
  readonly nsp: string
  readonly io: {
    readonly encoder?: { encode(packet: object): readonly unknown[] }
  }
}

/**
 * Makes what sends frames on a connected socket. With Socket.IO's own parser the packet is made here, because the
 * SDK would make JSON again of writes that are JSON already, after looking for binary in them.
 */
export const createFrameSender = (socket: Socket): ((frames: readonly ClientFrame[]) => void) => {
  const { nsp, io } = socket as unknown as Inside
  // Socket.IO protocol v5: `2` is EVENT, then the namespace, then the arguments as JSON.
  const packet = (json: string): string => `2${nsp === '/' ? '' : `${nsp},`}["${FRAMES_EVENT}",${json}]`
  const probe = io.encoder?.encode({ type: 2, nsp, data: [FRAMES_EVENT, 1] })
  return probe?.length === 1 && probe[0] === packet('1')
    ? (frames) => socket.io.engine.write(packet(frames.map(encodeClientFrame).join()))
    : (frames) => void socket.emit(FRAMES_EVENT, ...frames)
}
