import { useId } from 'react'

interface Option<Value> {
  readonly value: Value
  readonly name: string
  /** Whose colour it shows, if it stands for somebody. */
  readonly person?: string
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly options: readonly Option<Value>[]
  readonly value: Value | undefined
  readonly onChange: (value: Value) => void
}

/** One of a few, side by side: radio buttons, so that arrow keys and screen readers work as usual. */
export function Choice<Value extends string>({ label, options, value, onChange }: ChoiceProps<Value>) {
  const group = useId()
  return (
    <fieldset className="choice">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} data-person={option.person}>
          <input
            type="radio"
            name={group}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span data-text={option.name}>{option.name}</span>
        </label>
      ))}
    </fieldset>
  )
}
