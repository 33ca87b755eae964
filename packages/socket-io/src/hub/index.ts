export { type SocketIoGatewayOptions, socketIoGateway } from './socket-io-gateway.ts'
