import type { Socket } from 'node:net'

/** JSON, one value a line. */
export const writeLine = (socket: Socket, value: unknown): void => {
  if (!socket.destroyed) socket.write(`${JSON.stringify(value)}\n`)
}

export const readLines = (socket: Socket, onLine: (value: unknown) => void): void => {
  let rest = ''
  socket.setEncoding('utf8')
  socket.setNoDelay(true)
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(JSON.parse(line))
  })
}
