import { clock } from '../process/usage.ts'

/** One byte that is in each message once and nowhere else on the wire: what a load process counts by. */
export const MARKER = 0x7e

/** Digits of the time that follow the marker. */
export const STAMP_DIGITS = 16

/** What is published. */
export interface BenchMessage {
  readonly n: number
  readonly at: string
  readonly text: string
}

const bare = '{"n":1000,"at":"~0000000000000000","text":""}'.length
const padding = 'x'.repeat(1024)

/** The n-th message, so many bytes as JSON (1 kB unless told), with the time of its making. */
export const createMessage = (n: number, bytes = 1024): BenchMessage => ({
  n,
  at: `~${String(clock()).padStart(STAMP_DIGITS, '0')}`,
  text: padding.slice(0, bytes - bare),
})
