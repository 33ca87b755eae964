'use client'
import { SynclineProvider } from '@syncline/react'
import { useServiceWorker } from 'demo-support/client'
import { useEffect, useState } from 'react'
import { useSession } from '../client/use-session.ts'
import { readSettings, saveSettings, type WindowSettings } from '../client/window-settings.ts'
import { Header } from './header.tsx'
import { Workspace } from './workspace.tsx'

/** Which provider and which person this window has, and the session that follows from it. */
export function TodoApp() {
  const [settings, setSettings] = useState<WindowSettings>()
  const session = useSession(settings)
  useServiceWorker()
  useEffect(() => setSettings(readSettings()), [])
  useEffect(() => {
    if (settings) saveSettings(settings)
  }, [settings])

  // Until the next session is there, the last one stays in view, but never to another person.
  const ready = session !== undefined && session.settings === settings
  const visible = session !== undefined && session.settings.person === settings?.person
  return (
    <div className="page">
      <Header settings={settings} onChange={setSettings} />
      <main inert={!ready} aria-busy={!ready}>
        {visible && (
          <SynclineProvider client={session.client}>
            <Workspace list={session.list} settings={session.settings} />
          </SynclineProvider>
        )}
      </main>
    </div>
  )
}
