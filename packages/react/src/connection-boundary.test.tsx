// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { createFakeClient, needsAuth, reconnecting } from '../test/fakes/fake-client.ts'
import { renderWith } from '../test/fakes/render-with.tsx'
import { ConnectionBoundary } from './connection-boundary.tsx'

afterEach(cleanup)

const setUp = () => {
  const fake = createFakeClient()
  renderWith(
    fake.client,
    <ConnectionBoundary
      fallback={({ status, error, retry }) => (
        <button type="button" onClick={retry}>
          {status.at}: {error.code}
        </button>
      )}
    >
      <input aria-label="text" />
    </ConnectionBoundary>,
  )
  const input = () => screen.getByLabelText('text') as HTMLInputElement
  const isShown = () => getComputedStyle(input().parentElement!).display !== 'none'
  return { ...fake, input, isShown }
}

test('reconnecting shows the children and no fallback', () => {
  const { status$, isShown } = setUp()
  act(() => status$.set(reconnecting))
  expect(isShown()).toBe(true)
  expect(screen.queryByRole('button')).toBeNull()
})

test('what is being typed survives a session that ends', () => {
  const { status$, retryNow, input, isShown } = setUp()
  fireEvent.input(input(), { target: { value: 'half a sen' } })
  const before = input()
  act(() => status$.set(needsAuth))
  expect(isShown()).toBe(false)
  screen.getByText('needs-auth: unauthenticated').click()
  expect(retryNow).toHaveBeenCalledOnce()
  act(() => status$.set({ at: 'connected' }))
  expect(isShown()).toBe(true)
  expect(input()).toBe(before)
  expect(input().value).toBe('half a sen')
  expect(screen.queryByRole('button')).toBeNull()
})

test('a fallback may be plain', () => {
  const { client, status$ } = createFakeClient()
  renderWith(client, <ConnectionBoundary fallback="Sorry">…</ConnectionBoundary>)
  expect(screen.queryByText('Sorry')).toBeNull()
  act(() => status$.set(needsAuth))
  expect(screen.getByText('Sorry')).toBeDefined()
})
