export { type AblyGatewayOptions, ablyGateway } from './ably-gateway.ts'
