export { type PlainSocketIoOptions, plainSocketIo, type RoomMessage } from './plain-socket-io.ts'
