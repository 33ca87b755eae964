import { isBoardName } from '../contract.ts'
import { names, toPerson } from '../people.ts'
import { isProvider, type Provider } from './providers.ts'

/** What each window chooses for itself. */
export interface WindowSettings {
  readonly board: string
  readonly provider: Provider
  readonly person: string
}

/**
 * From the address, else what this tab had, else the first board over Socket.IO under some name. Reads the
 * browser's: not while rendering.
 */
export const readSettings = (): WindowSettings => {
  const address = new URLSearchParams(location.search)
  const read = (name: string) => address.get(name) ?? sessionStorage.getItem(name)
  const board = read('board')
  const provider = read('provider')
  return {
    board: isBoardName(board) ? board : 'lobby',
    provider: isProvider(provider) ? provider : 'socket-io',
    person: toPerson(read('as')) ?? someName(),
  }
}

export const saveSettings = (settings: WindowSettings): void => {
  sessionStorage.setItem('board', settings.board)
  sessionStorage.setItem('provider', settings.provider)
  sessionStorage.setItem('as', settings.person)
  history.replaceState(null, '', addressOf(settings))
}

export const addressOf = ({ board, provider, person }: WindowSettings): string =>
  `/?${new URLSearchParams({ board, provider, as: person })}`

const someName = (): string => names[Math.floor(Math.random() * names.length)] ?? names[0]
