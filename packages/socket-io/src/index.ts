export { type SocketIoOptions, socketIo } from './socket-io.ts'
export type { SocketSettings } from './socket-options.ts'
