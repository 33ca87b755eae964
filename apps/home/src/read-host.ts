/** The name by which the browser knows this machine, from a `Host` header: the demos are there too, on other ports. */
export const readHost = (header: string | undefined): string => {
  const name = header?.replace(/:\d+$/, '') ?? ''
  return /^([\w.-]+|\[[\da-f:]+\])$/i.test(name) ? name : 'localhost'
}
