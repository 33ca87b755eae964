import { useId } from 'react'

interface SwatchesProps<Value extends string> {
  readonly label: string
  readonly kind: 'colour' | 'width'
  readonly options: readonly Value[]
  readonly value: Value
  readonly onChange: (value: Value) => void
}

/** One of a few that are seen rather than read: radio buttons, so that arrow keys and screen readers work as usual. */
export function Swatches<Value extends string>({
  label,
  kind,
  options,
  value,
  onChange,
}: SwatchesProps<Value>) {
  const group = useId()
  return (
    <fieldset className="swatches">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option} title={option} {...{ [`data-${kind}`]: option }}>
          <input
            type="radio"
            name={group}
            aria-label={option}
            checked={option === value}
            onChange={() => onChange(option)}
          />
        </label>
      ))}
    </fieldset>
  )
}
