import { useEffect, useState } from 'react'
import type { Endpoints } from '../server/endpoints.ts'
import { openSession, type Session } from './open-session.ts'
import type { WindowSettings } from './window-settings.ts'

/** A window has one session at a time: the next begins when the last has stored what it had. */
let turn: Promise<void> = Promise.resolve()
let next: WindowSettings | undefined

/** The session for these settings; the last one, closed, until it is there. */
export const useSession = (
  settings: WindowSettings | undefined,
  endpoints: Endpoints,
): Session | undefined => {
  const [session, setSession] = useState<Session>()
  useEffect(() => {
    if (!settings) return
    let opened: Session | undefined
    let wanted = true
    next = settings
    turn = turn.then(() => {
      if (!wanted) return
      opened = openSession(settings, endpoints)
      setSession(opened)
    })
    return () => {
      wanted = false
      next = undefined
      // By its turn the settings that follow are known.
      turn = turn.then(() => opened?.close(next)).catch(console.error)
    }
  }, [settings, endpoints])
  return session
}
