import { expect, test } from 'vitest'
import { waysToInstall } from './chromium.mjs'

const debian = {
  platform: 'linux',
  isRoot: true,
  hasAptGet: true,
  osRelease: 'NAME="Debian GNU/Linux"\nID=debian\n',
  hasPlaywright: true,
}

test('root on Debian and what is like it asks apt-get first, then Playwright', () => {
  expect(waysToInstall(debian)).toEqual(['apt-get', 'playwright'])
  const mint = { ...debian, osRelease: 'ID=linuxmint\nID_LIKE="ubuntu debian"\n' }
  expect(waysToInstall(mint)).toEqual(['apt-get', 'playwright'])
})

test.each([
  ['somebody who is not root', { isRoot: false }],
  ['another Linux', { osRelease: 'ID=fedora\n' }],
  ['a Linux that does not say which', { osRelease: '' }],
  ['a Debian without apt-get', { hasAptGet: false }],
  ['macOS', { platform: 'darwin' }],
])('%s gets what Playwright downloads', (_, difference) => {
  expect(waysToInstall({ ...debian, ...difference })).toEqual(['playwright'])
})

test('without Playwright there is apt-get, or nothing', () => {
  expect(waysToInstall({ ...debian, hasPlaywright: false })).toEqual(['apt-get'])
  expect(waysToInstall({ ...debian, hasPlaywright: false, isRoot: false })).toEqual([])
})
