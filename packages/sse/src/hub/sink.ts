import type { Chunk } from './chunk.ts'

/** Where the events of one stream go. */
export interface Sink {
  /** Does nothing once the stream is over. */
  write(chunk: Chunk): void
  /** Something written has not yet been taken by the network. */
  readonly busy: boolean
  readonly bufferedBytes: number
  /** The remote address, where it is known. */
  readonly address?: string | undefined
  /** Ends the stream after what was written. */
  close(): void
}

export interface SinkListener {
  /** No longer busy. */
  drained(): void
  /** The stream is over, whoever ended it. Once. */
  closed(): void
}

/** What every stream answers with: nothing on the way may keep, change or hold it back. */
export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // nginx and those that follow it: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
  'x-accel-buffering': 'no',
} as const
