import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from './child.mjs'
import { environment, root } from './environment.mjs'
import { heading, say, seconds } from './progress.mjs'

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]

/** The command of the Playwright that our tests use: what it downloads is what they know. */
const playwright = join(root, 'apps/support/node_modules/playwright-core/cli.js')

/** Milliseconds for one command that installs. */
const timeout = 10 * 60_000

/**
 * A Chromium for the browser tests: `CHROMIUM_PATH`, else one from the system's usual places, else one that
 * Playwright has downloaded.
 *
 * @returns {string | undefined} the path of its executable
 */
export function findChromium() {
  return candidates().find((path) => path && existsSync(path))
}

/**
 * Finds a Chromium, or installs one where that is possible.
 *
 * @returns {Promise<string | undefined>} the path of its executable
 */
export async function ensureChromium() {
  const ways = findChromium() ? [] : waysToInstall(machine())
  for (const way of ways) {
    const since = performance.now()
    heading(`Installing Chromium for the browser tests (${way}, the first time only)`)
    if (way === 'apt-get') await installWithApt()
    else await installWithPlaywright()
    say(`  ${findChromium() ? 'installed' : 'gave up'} after ${seconds(since)}`)
    if (findChromium()) break
  }
  return findChromium()
}

/**
 * @typedef {object} Machine
 * @property {string} platform
 * @property {boolean} isRoot
 * @property {boolean} hasAptGet
 * @property {string} osRelease the text of `/etc/os-release`
 * @property {boolean} hasPlaywright
 */

/**
 * How a Chromium can come to this machine, the best way first. Debian's own package brings the libraries that it needs;
 * Playwright's download needs no rights.
 *
 * @param {Machine} machine
 * @returns {('apt-get' | 'playwright')[]}
 */
export function waysToInstall({ platform, isRoot, hasAptGet, osRelease, hasPlaywright }) {
  const likeDebian = /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(osRelease)
  const withApt = platform === 'linux' && isRoot && hasAptGet && likeDebian
  return [
    ...(withApt ? [/** @type {const} */ ('apt-get')] : []),
    ...(hasPlaywright ? [/** @type {const} */ ('playwright')] : []),
  ]
}

export const chromiumAdvice = `The browser tests need Chromium or Chrome, and none was found. Install one:
  Debian, Ubuntu   sudo apt-get install chromium   (Ubuntu without snap: Google's .deb)
  Fedora           sudo dnf install chromium
  macOS            brew install --cask google-chrome
  Windows          winget install Google.Chrome
  anywhere         npx playwright install chromium
or set CHROMIUM_PATH to the executable of one.`

/** @returns {(string | undefined)[]} */
function candidates() {
  const { CHROMIUM_PATH, PROGRAMFILES, LOCALAPPDATA, PATH = '' } = process.env
  const windows = [PROGRAMFILES, process.env['PROGRAMFILES(X86)'], LOCALAPPDATA].flatMap((folder) =>
    folder
      ? [
          join(folder, 'Google/Chrome/Application/chrome.exe'),
          join(folder, 'Microsoft/Edge/Application/msedge.exe'),
        ]
      : [],
  )
  return [
    CHROMIUM_PATH,
    ...['/usr/bin', ...PATH.split(delimiter)].flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ...windows,
    ...playwrightDownloads(),
  ]
}

/** Where `npx playwright install chromium` puts them, newest first. */
function playwrightDownloads() {
  const caches = [
    process.env.PLAYWRIGHT_BROWSERS_PATH,
    join(homedir(), '.cache/ms-playwright'),
    join(homedir(), 'Library/Caches/ms-playwright'),
    join(process.env.LOCALAPPDATA ?? homedir(), 'ms-playwright'),
  ]
  const inside = [
    'chrome-linux/chrome',
    'chrome-linux64/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
    'chrome-mac-arm64/Chromium.app/Contents/MacOS/Chromium',
    'chrome-win/chrome.exe',
    'chrome-win64/chrome.exe',
  ]
  return caches
    .filter((cache) => cache !== undefined)
    .filter((cache) => existsSync(cache))
    .flatMap((cache) =>
      readdirSync(cache)
        .filter((name) => name.startsWith('chromium-'))
        .sort((a, b) => Number(b.split('-')[1]) - Number(a.split('-')[1]))
        .flatMap((name) => inside.map((path) => join(cache, name, path))),
    )
}

/** @returns {Machine} */
function machine() {
  const osRelease = '/etc/os-release'
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasAptGet: existsSync('/usr/bin/apt-get'),
    osRelease: existsSync(osRelease) ? readFileSync(osRelease, 'utf8') : '',
    hasPlaywright: existsSync(playwright),
  }
}

async function installWithApt() {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const telling = /^(Get:|Setting up chromium|Need to get|E: )/
  await attempt(['apt-get', 'update'], env, telling)
  await attempt(['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'], env, telling)
}

async function installWithPlaywright() {
  // It tries several times; where nobody answers, ten seconds each are enough.
  const env = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' }
  await attempt(['node', playwright, 'install', '--no-shell', 'chromium'], env, /Downloading|^Error|^\|.*%/)
}

/**
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} env what it gets beside the usual
 * @param {RegExp} telling which of its lines to show
 */
async function attempt(command, env, telling) {
  const { stopped } = await run(command, {
    cwd: root,
    env: { ...environment(), ...env },
    timeout,
    onLine: (line) => {
      if (telling.test(line)) say(`  ${line}`)
    },
  })
  if (stopped) process.exit(130)
}
