/**
 * JSON that is made already, in the place of a value: a write's data, frozen when it was taken. `JSON.stringify`
 * gives what the value itself would give; `encodeClientFrame` gives the same without parsing it first.
 */
export class RawJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}
