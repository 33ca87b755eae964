import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { run } from './child.mjs'
import { environment } from './environment.mjs'
import { heading, say, seconds } from './progress.mjs'

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]

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
 * Finds a Chromium, or installs Debian's where that is possible.
 *
 * @returns {Promise<string | undefined>} the path of its executable
 */
export async function ensureChromium() {
  const found = findChromium()
  if (found || !canInstall()) return found
  const since = performance.now()
  heading('Installing Chromium for the browser tests (apt-get, the first time only)')
  const env = { ...environment(), DEBIAN_FRONTEND: 'noninteractive' }
  /** @param {string} line */
  const onLine = (line) => {
    if (/^(Get:|Setting up chromium|Need to get|E: )/.test(line)) say(`  ${line}`)
  }
  await run(['apt-get', 'update'], { env, onLine })
  await run(['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'], { env, onLine })
  say(`  ${findChromium() ? 'installed' : 'gave up'} after ${seconds(since)}`)
  return findChromium()
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

/** Debian's own package works in a container, Ubuntu's is a snap that does not. */
function canInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return false
  return (
    existsSync('/etc/os-release') &&
    /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))
  )
}
