import { chromium } from 'playwright-core'
import { findChromium } from '../../../../tooling/setup/chromium.mjs'

/** A Chromium that talks to nobody but us. */
export const chromiumOptions = () => {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('No Chromium: install one, or set CHROMIUM_PATH.')
  return {
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
    ],
  }
}

export const launchBrowser = () => chromium.launch(chromiumOptions())
