import type { ClientFrame } from '../protocol/frames.ts'

/** Characters that gather for one request; a single frame may be larger. */
const requestSize = 2 ** 16

/** Frames that wait for their turn, as JSON. */
export interface OutgoingLine {
  /** Characters that wait: 0 where nothing does. */
  readonly size: number
  add(frames: readonly ClientFrame[]): void
  /** The next ones that fit into one request, as a JSON array; nothing after a fresh token, which is told. */
  take(): { readonly json: string; readonly token: string | undefined }
}

export const createOutgoingLine = (): OutgoingLine => {
  const line: { readonly json: string; readonly token: string | undefined }[] = []
  let size = 0
  return {
    get size() {
      return size
    },
    add: (frames) => {
      for (const frame of frames) {
        const json = JSON.stringify(frame)
        line.push({ json, token: frame.type === 'auth' ? frame.token : undefined })
        size += json.length
      }
    },
    take: () => {
      const taken: string[] = []
      let length = 0
      let token: string | undefined
      for (const next of line) {
        if (token !== undefined || (length > 0 && length + next.json.length > requestSize)) break
        taken.push(next.json)
        length += next.json.length
        token = next.token
      }
      line.splice(0, taken.length)
      size -= length
      return { json: `[${taken}]`, token }
    },
  }
}
