import { useEffect, useState } from 'react'
import type { Endpoints } from '../server/endpoints.ts'
import { openSession, type Session } from './open-session.ts'
import type { WindowSettings } from './window-settings.ts'

/** A window has one session at a time: the next begins when the last has stored what it had. */
let turn: Promise<void> = Promise.resolve()

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
    turn = turn.then(() => {
      if (!wanted) return
      opened = openSession(settings, endpoints)
      setSession(opened)
    })
    return () => {
      wanted = false
      turn = turn.then(() => opened?.close()).catch(console.error)
    }
  }, [settings, endpoints])
  return session
}
