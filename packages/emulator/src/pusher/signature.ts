import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** HMAC-SHA256 as hex: the only signature that Pusher knows. */
export const sign = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex')

export const md5 = (body: Uint8Array): string => createHash('md5').update(body).digest('hex')

export const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
