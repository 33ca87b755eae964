import { expect, test } from 'vitest'
import { checkHandshake } from './handshake.ts'

test.each([
  ['/app/key?protocol=7&client=js&version=8.6.0&flash=false', undefined],
  ['/app/key?protocol=7', undefined],
  ['/app/other?protocol=7&version=8.6.0', 4001],
  ['/application/key?protocol=7', 4005],
  ['/', 4005],
  ['//', 4005],
  ['/app/key?protocol=7&version=new', 4006],
  ['/app/key?protocol=seven', 4006],
  ['/app/key?protocol=3', 4007],
  ['/app/key?protocol=8', 4007],
  ['/app/key', 4008],
])('%s', (url, code) => {
  expect(checkHandshake(url, 'key')?.code).toBe(code)
})
