import { Choice } from 'demo-support/client'
import { type Provider, providers } from '../client/providers.ts'
import { addressOf, type WindowSettings } from '../client/window-settings.ts'
import { names } from '../people.ts'
import { NameField } from './name-field.tsx'

interface HeaderProps {
  readonly settings: WindowSettings | undefined
  readonly onChange: (settings: WindowSettings) => void
}

const providerNames = Object.entries(providers).map(([value, { name }]) => ({
  value: value as Provider,
  name,
}))

/** Who this window is, and over which provider. */
export function Header({ settings, onChange }: HeaderProps) {
  const other = secondWindow(settings)
  return (
    <header className="header">
      <div className="heading">
        <h1>Whiteboard</h1>
        <a
          href={addressOf(other)}
          target="_blank"
          rel="noopener"
          title={`${other.person} over ${providers[other.provider].name}`}
        >
          Open a second window
        </a>
      </div>
      <NameField
        person={settings?.person}
        onChange={(person) => settings && onChange({ ...settings, person })}
      />
      <Choice
        label="Provider"
        options={providerNames}
        value={settings?.provider}
        onChange={(provider) => settings && onChange({ ...settings, provider })}
      />
    </header>
  )
}

/** Somebody else, on the next provider. */
const secondWindow = (settings: WindowSettings | undefined): WindowSettings => {
  const { board = 'lobby', provider = 'socket-io', person = '' } = settings ?? {}
  const index = providerNames.findIndex(({ value }) => value === provider)
  const next = providerNames[(index + 1) % providerNames.length]?.value ?? provider
  return {
    board,
    provider: next,
    person: names[(names.indexOf(person as 'Ada') + 1) % names.length] ?? 'Ada',
  }
}
