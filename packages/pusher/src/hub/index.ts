export { type PusherGatewayOptions, pusherGateway } from './pusher-gateway.ts'
