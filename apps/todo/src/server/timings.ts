/** How often the hub tells windows that it is there, in ms. A window gives up a connection that is silent twice as long. */
export const heartbeat = (): number => read('TODO_HEARTBEAT', 15_000)

/** How long a token is good for, in seconds. Windows fetch the next one before. */
export const tokenLife = (): number => read('TODO_TOKEN_LIFE', 300)

const read = (variable: string, usual: number): number => {
  const value = Number(process.env[variable] || usual)
  if (value > 0) return value
  throw new Error(`${variable} is “${process.env[variable]}”, which is not a number above 0.`)
}
