export { sseGateway } from './sse-gateway.ts'
