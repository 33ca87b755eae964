import { series } from 'demo-support/e2e'
import { expect, it } from 'vitest'
import { openWindow, type TodoWindow, todoWindow } from './support/browser.ts'
import { expectOnce } from './support/expect-once.ts'
import { useStage } from './support/stage.ts'
import { useOwnBrowser } from './support/use-own-browser.ts'

const stage = useStage()
const own = useOwnBrowser()

const clientsOf = ({ page }: TodoWindow) =>
  page.evaluate(() => sessionStorage.getItem('syncline:client')!.split(' '))

it('gives a duplicated tab an id of its own, so that both write and everything arrives once', async () => {
  const { server } = stage
  const { context, tabs } = own.browser
  const original = await openWindow(context, { url: server.url })
  await original.cached()
  await server.kill()
  const titles = series('Before', 50)
  await original.addAll(titles)
  await original.status.getByText('50 changes waiting').waitFor()

  const copy = todoWindow(await tabs.duplicate(original.page))
  await copy.status.getByText('Nothing waits in this window').waitFor()
  const [id, ...copied] = await clientsOf(copy)
  expect(copied).toEqual(await clientsOf(original))
  expect(copied).not.toContain(id)

  const more = [series('Original', 50), series('Copy', 50)] as const
  await Promise.all([original.addAll(more[0]), copy.addAll(more[1])])
  await original.status.getByText('100 changes waiting').waitFor()
  await copy.status.getByText('50 changes waiting').waitFor()
  await server.start()
  const all = [...titles, ...more.flat()]
  await expectOnce(server, all, original, copy)

  await server.kill()
  await original.status.getByText('Reconnecting').waitFor()
  await original.add('Later')
  await original.status.getByText('1 change waiting').waitFor()
  await original.page.close()
  await copy.status.getByText('1 change waiting').waitFor()
  await server.start()
  await expectOnce(server, [...all, 'Later'], copy)
})
