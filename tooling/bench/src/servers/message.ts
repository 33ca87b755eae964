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

const padding = 'x'.repeat(1024 - '{"n":1000,"at":"~0000000000000000","text":""}'.length)

/** The n-th message, 1 kB as JSON, with the time of its making. */
export const createMessage = (n: number): BenchMessage => ({
  n,
  at: `~${String(clock()).padStart(STAMP_DIGITS, '0')}`,
  text: padding,
})
