// One client that writes, 256 in flight, in a process of its own. Arguments: whom it speaks to, and the port.
import { createClient } from '@syncline/core'
import { socketIo } from '@syncline/socket-io'
import { io } from 'socket.io-client'
import { serveCalls } from '../process/serve-calls.ts'
import { clock } from '../process/usage.ts'
import { feed } from '../servers/contract.ts'
import { type BenchMessage, createMessage } from '../servers/message.ts'

const IN_FLIGHT = 256
const [peer, port] = process.argv.slice(2)
const url = `http://127.0.0.1:${port}`

/** Resolves with the mutation's result. */
type WriteOne = (message: BenchMessage) => Promise<BenchMessage>

const openHub = async (): Promise<WriteOne> => {
  const channel = createClient({ transport: socketIo(url) }).channel(feed)
  return (message) => channel.mutate('add', message).result
}
const openSocket = async (): Promise<WriteOne> => {
  const socket = io(url, { transports: ['websocket'] })
  await new Promise<void>((resolve) => socket.on('connect', resolve))
  return (message) => socket.emitWithAck('add', message)
}
const write = await (peer === 'hub' ? openHub() : openSocket())
await write(createMessage(0))

const methods = {
  /** Writes accepted in a second. */
  run: async (count: number): Promise<number> => {
    let next = 0
    const writer = async () => {
      while (next < count) {
        const n = next++
        if ((await write(createMessage(n))).n !== n) throw new Error('That is the result of another write.')
      }
    }
    const begun = clock()
    await Promise.all(Array.from({ length: IN_FLIGHT }, writer))
    return (count / (clock() - begun)) * 1e6
  },
}
export type WriterMethods = typeof methods
serveCalls(methods)
