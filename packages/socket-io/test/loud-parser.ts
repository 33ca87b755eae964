import { Server } from 'socket.io'

const parser = new Server()._parser
export const { protocol, PacketType } = parser

/** The usual parser with an exclamation mark before each text: enough to be another one. */
export class Encoder extends parser.Encoder {
  override encode(packet: Parameters<InstanceType<typeof parser.Encoder>['encode']>[0]) {
    return super.encode(packet).map((part: unknown) => (typeof part === 'string' ? `!${part}` : part))
  }
}
export class Decoder extends parser.Decoder {
  override add(packet: unknown) {
    super.add(typeof packet === 'string' ? packet.slice(1) : packet)
  }
}
