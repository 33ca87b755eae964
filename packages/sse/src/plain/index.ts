export { type PlainSseOptions, plainSse } from './plain-sse.ts'
