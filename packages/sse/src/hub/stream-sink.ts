import type { Sink, SinkListener } from './sink.ts'

/** A stream as a web `ReadableStream`, for hosts other than Node. */
export const createStreamSink = (
  listener: SinkListener,
): { readonly sink: Sink; readonly body: ReadableStream<Uint8Array> } => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let waiting = false
  const end = () => {
    controller = undefined
    listener.closed()
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start: (started) => {
        controller = started
      },
      pull: () => {
        if (!waiting) return
        waiting = false
        listener.drained()
      },
      cancel: end,
    },
    { highWaterMark: 1, size: (chunk) => chunk?.byteLength ?? 0 },
  )
  const buffered = () => (controller ? Math.max(0, 1 - (controller.desiredSize ?? 1)) : 0)
  return {
    body,
    sink: {
      get busy() {
        return waiting
      },
      get bufferedBytes() {
        return buffered()
      },
      write: ({ event }) => {
        controller?.enqueue(event)
        waiting = buffered() > 0
      },
      close: () => {
        if (!controller) return
        controller.close()
        end()
      },
    },
  }
}
