/** The target of a request (`/path?query`) as a URL on localhost; undefined where it cannot be read. */
export const requestUrl = (target: string | undefined): URL | undefined => {
  if (!target?.startsWith('/')) return undefined
  try {
    return new URL(`http://localhost${target}`)
  } catch {
    return undefined
  }
}
