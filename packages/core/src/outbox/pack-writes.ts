import type { StreamAddress, WireWrite, WritesFrame } from '../protocol/frames.ts'
import { utf8Length } from './utf8-length.ts'
import type { Write } from './write.ts'

/** Bytes of a write's id, kind, number, version and punctuation, generously. */
const WRITE_OVERHEAD = 120
/** Bytes of a frame's names, numbers and punctuation, generously. */
const FRAME_OVERHEAD = 200

const costOf = (write: Write): number => write.size + write.name.length * 3 + WRITE_OVERHEAD
const costOfFrame = ({ channel, client }: Omit<StreamAddress, 'generation'>): number =>
  utf8Length(channel) + client.length + FRAME_OVERHEAD

/** Whether the write can travel alone in a frame of `limit` bytes. */
export const fitsFrame = (write: Write, limit: number): boolean => costOfFrame(write) + costOf(write) <= limit

/** Frames of at most `limit` bytes, in order; at least one, which names the stream. */
export const packWrites = (
  address: StreamAddress,
  answered: number,
  open: readonly (readonly [n: number, write: Write])[],
  limit: number,
): WritesFrame[] => {
  const frames: WritesFrame[] = []
  const empty = costOfFrame(address)
  let writes: WireWrite[] = []
  let cost = empty
  const add = (): unknown => frames.push({ type: 'writes', ...address, answered, writes })
  add()
  for (const [n, write] of open) {
    const more = costOf(write)
    if (writes.length && cost + more > limit) {
      writes = []
      cost = empty
      add()
    }
    writes.push(write.toWire(n))
    cost += more
  }
  return frames
}
