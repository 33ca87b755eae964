/** A server that is not the provider's own: an emulator. */
export interface LocalServer {
  /** Left out: on the machine that the page is from. */
  readonly host?: string
  readonly port: number
}

/** How a browser finds the managed providers: the services themselves, or servers that stand in for them. */
export interface Endpoints {
  readonly pusher: { readonly key: string; readonly cluster?: string; readonly local?: LocalServer }
  readonly ably: { readonly local?: LocalServer }
}

const variable = 'WHITEBOARD_ENDPOINTS'

/** The page is rendered in the same process, but by modules of its own: the environment is what both see. */
export const tellEndpoints = (endpoints: Endpoints): void => {
  process.env[variable] = JSON.stringify(endpoints)
}

export const readEndpoints = (): Endpoints => JSON.parse(process.env[variable] ?? '{}')
