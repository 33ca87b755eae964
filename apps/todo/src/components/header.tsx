import { Choice } from 'demo-support/client'
import { providers } from '../client/providers.ts'
import { addressOf, type WindowSettings } from '../client/window-settings.ts'
import { nameOf, people } from '../people.ts'

interface HeaderProps {
  readonly settings: WindowSettings | undefined
  readonly onChange: (settings: WindowSettings) => void
}

const providerNames = Object.entries(providers).map(([value, { name }]) => ({
  value: value as keyof typeof providers,
  name,
}))
const personNames = people.map((value) => ({ value, name: nameOf(value), person: value }))

/** Who this window is, and over which provider. */
export function Header({ settings, onChange }: HeaderProps) {
  const other = secondWindow(settings)
  return (
    <header className="header">
      <div className="heading">
        <h1>Todos</h1>
        <a href={addressOf(other)} target="_blank" rel="noopener" title={titleOf(other)}>
          Open a second window
        </a>
      </div>
      <div className="choices">
        <Choice
          label="Person"
          options={personNames}
          value={settings?.person}
          onChange={(person) => settings && onChange({ ...settings, person })}
        />
        <Choice
          label="Provider"
          options={providerNames}
          value={settings?.provider}
          onChange={(provider) => settings && onChange({ ...settings, provider })}
        />
      </div>
    </header>
  )
}

/** Somebody else, on the other provider. */
const secondWindow = (settings: WindowSettings | undefined): WindowSettings => ({
  provider: settings?.provider === 'sse' ? 'socket-io' : 'sse',
  person: settings?.person === 'grace' ? 'ada' : 'grace',
})

const titleOf = ({ provider, person }: WindowSettings) => `${nameOf(person)} over ${providers[provider].name}`
