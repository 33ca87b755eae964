/** How often the hub tells windows that it is there, in ms. A window gives up a connection that is silent twice as long. */
export const heartbeat = (): number => {
  const milliseconds = Number(process.env.TODO_HEARTBEAT || 15_000)
  if (milliseconds > 0) return milliseconds
  throw new Error(`TODO_HEARTBEAT is “${process.env.TODO_HEARTBEAT}”, which is not a number above 0.`)
}
