import { isPerson, type Person } from '../people.ts'
import { isProvider, type Provider } from './providers.ts'

/** What each window chooses for itself. */
export interface WindowSettings {
  readonly provider: Provider
  readonly person: Person
}

/** From the address, else what this tab had, else Ada on Socket.IO. Reads the browser's: not while rendering. */
export const readSettings = (): WindowSettings => {
  const address = new URLSearchParams(location.search)
  const provider = address.get('provider') ?? sessionStorage.getItem('provider')
  const person = address.get('as') ?? sessionStorage.getItem('as')
  return {
    provider: isProvider(provider) ? provider : 'socket-io',
    person: isPerson(person) ? person : 'ada',
  }
}

export const saveSettings = (settings: WindowSettings): void => {
  sessionStorage.setItem('provider', settings.provider)
  sessionStorage.setItem('as', settings.person)
  history.replaceState(null, '', addressOf(settings))
}

export const addressOf = ({ provider, person }: WindowSettings): string =>
  `/?provider=${provider}&as=${person}`
