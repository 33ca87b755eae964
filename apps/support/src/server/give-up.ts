/** Ends with one sentence for whoever started it: this is theirs to mend, and a stack would not help. */
export const giveUp = (why: string): never => {
  console.error(why)
  process.exit(1)
}
