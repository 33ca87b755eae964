/** Who is writing a message. Its place is there, whether somebody is or not. */
export function TypingLine({ names }: { readonly names: readonly string[] }) {
  return (
    <p className="typing" data-shown={names.length > 0}>
      {describe(names)}
    </p>
  )
}

const describe = (names: readonly string[]): string => {
  const [first, second] = names
  if (first === undefined) return ''
  if (names.length === 1) return `${first} is typing`
  return names.length === 2 ? `${first} and ${second} are typing` : `${names.length} people are typing`
}
