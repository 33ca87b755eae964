import { expect, it, vi } from 'vitest'
import { hostOf, reachableHost } from './listen.ts'

it.each([
  ['', '127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0', '127.0.0.1'],
  ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
])('listens on this machine only unless HOST names another place: %j', (HOST, host, reachable) => {
  vi.stubEnv('HOST', HOST)
  expect(hostOf()).toBe(host)
  expect(reachableHost()).toBe(reachable)
  vi.unstubAllEnvs()
})
