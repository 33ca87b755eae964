import { Buffer } from 'node:buffer'
import type { Socket as NetSocket } from 'node:net'
import type { GatewaySession, OutgoingFrame, Peer } from '@syncline/server'
import type { Socket } from 'socket.io'
import { FRAMES_EVENT } from '../wire.ts'
import { directSocketOf, holdsBack } from './direct-socket.ts'
import type { EncodedPacket } from './encode-packet.ts'
import { isEvent } from './is-event.ts'

function disconnect(this: Socket): void {
  this.disconnect(true)
}

/**
 * One client of the gateway's namespace: to the hub a peer, and the way from its socket to its session. One object and
 * few closures, as thousands of them stay open.
 *
 * A packet is written to the network socket where that is possible, and is on its way until Node says `drain`; else to
 * the Engine.IO connection (`socket.conn.write`) as Socket.IO's own broadcast does, and is on its way until the
 * callback of the write.
 */
export class SocketLink implements Peer {
  readonly id: string
  readonly #socket: Socket
  readonly #encode: (frame: OutgoingFrame) => EncodedPacket
  #session: GatewaySession | undefined
  /** The sizes of what went to Engine.IO and has not left. */
  #held: number[] | undefined
  /** The sizes of packets whose events are still to come. */
  #arrived: number[] | undefined
  #full = false
  #direct: NetSocket | undefined
  readonly #onDrain = (): void => this.#drained()
  readonly #onData = (packet: unknown): void => this.#sized(packet)

  constructor(socket: Socket, encode: (frame: OutgoingFrame) => EncodedPacket) {
    this.id = socket.id
    this.#socket = socket
    this.#encode = encode
    const { conn } = socket
    this.#watch(directSocketOf(conn))
    if (conn.transport.name !== 'websocket') conn.on('upgrade', () => this.#upgraded())
    conn.on('data', this.#onData)
    socket.on('error', disconnect)
    socket.on('disconnect', () => this.#disconnected())
    socket.onAny((event: string, ...frames: unknown[]) => this.#received(event, frames))
  }

  start(session: GatewaySession): void {
    this.#session = session
    if (!this.#socket.connected) session.closed()
  }

  // The peer

  get address(): string {
    return this.#socket.handshake.address
  }

  get busy(): boolean {
    return this.#full || this.#held !== undefined
  }

  get bufferedBytes(): number {
    let bytes = this.#direct?.writableLength ?? 0
    if (this.#held) for (const size of this.#held) bytes += size
    return bytes
  }

  send(frame: OutgoingFrame): void {
    this.write(this.#encode(frame))
  }

  write(packet: EncodedPacket): void {
    const { conn } = this.#socket
    if (conn.readyState !== 'open') return
    const frame = packet.options.wsPreEncodedFrame
    if (!frame || !this.#direct?.writable || holdsBack(conn)) this.#hold(packet)
    else if (!this.#direct.write(frame[0])) this.#full = true
  }

  close(): void {
    this.#socket.disconnect(true)
  }

  #hold({ parts, options, bytes }: EncodedPacket): void {
    const { conn } = this.#socket
    const last = parts.length - 1
    this.#held ??= []
    this.#held.push(bytes)
    for (let index = 0; index < last; index++) conn.write(parts[index] as string, options)
    conn.write(parts[last] as string, options, () => this.#sent())
  }

  #sent(): void {
    if (!this.#held) return
    this.#held.shift()
    if (this.#held.length > 0) return
    this.#held = undefined
    if (!this.#full) this.#session?.drained()
  }

  #drained(): void {
    if (!this.#full) return
    this.#full = false
    if (!this.#held) this.#session?.drained()
  }

  // The socket

  #watch(next: NetSocket | undefined): void {
    this.#direct?.off('drain', this.#onDrain)
    this.#direct = next
    next?.on('drain', this.#onDrain)
  }

  /** An upgrade abandons the old transport together with word of its last write. */
  #upgraded(): void {
    this.#watch(directSocketOf(this.#socket.conn))
    while (this.#held) this.#sent()
  }

  #disconnected(): void {
    this.#watch(undefined)
    this.#socket.conn.off('data', this.#onData)
    this.#session?.closed()
  }

  /**
   * Socket.IO tells no sizes of events, so they are taken from the raw packets of its connection, which come in the
   * same order.
   */
  #sized(packet: unknown): void {
    if (typeof packet !== 'string' || !isEvent(packet, this.#socket.nsp.name)) return
    this.#arrived ??= []
    this.#arrived.push(Buffer.byteLength(packet))
  }

  #received(event: string, frames: readonly unknown[]): void {
    const bytes = this.#arrived?.shift() ?? 0
    if (this.#arrived?.length === 0) this.#arrived = undefined
    this.#session?.receive(event === FRAMES_EVENT ? frames : [{ type: event }], bytes)
  }
}
