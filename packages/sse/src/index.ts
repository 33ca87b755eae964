export { type SseOptions, sse } from './sse.ts'
