import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

/** The part of axe-core (github.com/dequelabs/axe-core) that is used here. */
declare const axe: {
  run(context: Document, options: { readonly runOnly: readonly string[] }): Promise<Results>
}

interface Results {
  readonly violations: readonly Rule[]
  readonly passes: readonly Rule[]
}

interface Rule {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What axe finds on the page as it stands: what breaks a rule and how, and the elements whose contrast is enough. */
export const checkWcag = async (page: Page) => {
  await page.addScriptTag({ path })
  const { violations, passes } = await page.evaluate((runOnly) => axe.run(document, { runOnly }), tags)
  return {
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    ),
    readable: passes
      .filter(({ id }) => id === 'color-contrast')
      .flatMap(({ nodes }) => nodes.map(({ html }) => html)),
  }
}
