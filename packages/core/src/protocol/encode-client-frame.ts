import type { ClientFrame, WireWrite } from './frames.ts'
import { RawJson } from './raw-json.ts'

const encodeWrite = (write: WireWrite): string => {
  const data = write?.[4]
  if (!(data instanceof RawJson)) return JSON.stringify(write)
  return `${JSON.stringify(write.slice(0, 4)).slice(0, -1)},${data.text},${write[5]}]`
}

/** What `JSON.stringify` makes of a frame, without making JSON again of what is JSON already. */
export const encodeClientFrame = (frame: ClientFrame): string => {
  if (frame.type !== 'writes' || !Array.isArray(frame.writes)) return JSON.stringify(frame)
  const { writes, ...address } = frame
  return `${JSON.stringify(address).slice(0, -1)},"writes":[${writes.map(encodeWrite).join()}]}`
}
