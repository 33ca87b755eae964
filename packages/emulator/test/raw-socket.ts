import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** A WebSocket without an SDK, for what no SDK would send. */
export const openRaw = (url: string) => {
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  const frames: string[] = []
  const waiting: ((frame: string) => void)[] = []
  socket.on('message', (data) => {
    const take = waiting.shift()
    if (take) take(String(data))
    else frames.push(String(data))
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve, reject) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    socket.on('error', reject)
  })
  closed.catch(() => undefined)
  const receive = (): Promise<Record<string, unknown>> =>
    new Promise<string>((resolve) => {
      const frame = frames.shift()
      if (frame === undefined) waiting.push(resolve)
      else resolve(frame)
    }).then((frame) => JSON.parse(frame))
  return { socket, closed, receive, send: (data: string | Buffer) => socket.send(data) }
}
