import type { ClientFrame, WireWrite } from './frames.ts'
import { RawJson } from './raw-json.ts'

const encodeData = (data: unknown): string => (data instanceof RawJson ? data.text : JSON.stringify(data))

const encodeWrite = ([n, id, kind, name, data, version]: WireWrite): string =>
  `[${n},${JSON.stringify(id)},"${kind}",${JSON.stringify(name)},${encodeData(data)},${version}]`

/** A frame as JSON, for transports that can send text: what is JSON already is not made again. */
export const encodeClientFrame = (frame: ClientFrame): string => {
  if (frame.type !== 'writes') return JSON.stringify(frame)
  const { writes, ...address } = frame
  return `${JSON.stringify(address).slice(0, -1)},"writes":[${writes.map(encodeWrite).join()}]}`
}
