import type { Page } from 'playwright-core'

/**
 * As the browser does with tabs that nobody looks at: from here on no task of the page runs. Never in the middle of a
 * transaction of IndexedDB: told to, Chromium does that as well, and then every other tab waits a minute for the lock.
 */
export const freeze = async (page: Page): Promise<void> => {
  await page.evaluate(noteTransactions)
  await holdVisible(page, false)
  while ((await freezeOnce(page)) !== '0') await setLife(page, 'active')
}

/** Gives how many transactions the page had open then. */
const freezeOnce = async (page: Page): Promise<string | null> => {
  await page.evaluate(() => document.documentElement.removeAttribute('data-frozen'))
  await setLife(page, 'frozen')
  // Chromium says nothing when it will not freeze a page.
  const frozen = page.locator('html[data-frozen]')
  await frozen.waitFor({ state: 'attached' })
  return frozen.getAttribute('data-frozen')
}

/** In the page: from here on it says when it is frozen, and how many transactions it has open then. */
const noteTransactions = async () => {
  const { transaction } = IDBDatabase.prototype
  let open = 0
  IDBDatabase.prototype.transaction = function (...args) {
    const begun = transaction.apply(this, args)
    open++
    for (const end of ['complete', 'abort']) begun.addEventListener(end, () => open--)
    return begun
  }
  document.addEventListener('freeze', () =>
    document.documentElement.setAttribute('data-frozen', String(open)),
  )
  // Those that are open already have ended once one that waits for all of them has.
  for (const { name } of await indexedDB.databases())
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open(name!)
      opening.onerror = () => reject(opening.error)
      opening.onsuccess = () => {
        const { result: db } = opening
        const last = db.transaction(db.objectStoreNames, 'readwrite')
        last.oncomplete = () => {
          db.close()
          resolve()
        }
      }
    })
}

/** As when its tab is chosen again. */
export const thaw = async (page: Page): Promise<void> => {
  await setLife(page, 'active')
  await holdVisible(page, true)
  await page.bringToFront()
}

const setLife = async (page: Page, state: 'active' | 'frozen') => {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Page.setWebLifecycleState', { state })
  await devtools.detach()
}

/**
 * Playwright holds every page visible, in the background too, and a page that is visible is not frozen. Only the
 * session that asked for it can take it back, and that one is Playwright's own.
 */
const holdVisible = async (page: Page, enabled: boolean) => {
  const { toImpl } = Reflect.get(page, '_connection')
  await toImpl(page).delegate._mainFrameSession._client.send('Emulation.setFocusEmulationEnabled', {
    enabled,
  })
}
