import { Manager, type Socket } from 'socket.io-client'
import type { SocketSettings } from './socket-options.ts'

/**
 * A socket that dials only when told to, over a manager of its own. WebSocket goes first and HTTP polling is
 * the way round a proxy that refuses it, unless `transports` says otherwise.
 */
export const createSocket = (url: string, namespace: string, settings: SocketSettings): Socket => {
  const { socket: own, ...options } = settings
  const socket = own?.() ?? createManager(url, options).socket(namespace)
  socket.io.reconnection(false)
  socket.io.timeout(false)
  return socket
}

const createManager = (url: string, options: Omit<SocketSettings, 'socket'>): Manager =>
  new Manager(url, {
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    ...options,
    autoConnect: false,
  })
