import imported, { type Options } from 'pusher-js'
import type { PusherSdk, PusherSettings } from './pusher-settings.ts'

interface SdkClass {
  new (key: string, options: Options): PusherSdk
  readonly instances: PusherSdk[]
}

/** The class, however CommonJS and its types are read. */
const usual = (): SdkClass => {
  const loaded = imported as unknown as SdkClass & { readonly default?: SdkClass }
  return loaded.default ?? loaded
}

/**
 * A link that says nothing for so long (ms) is asked whether it is there, and given up after so long. Pusher-js itself
 * takes 120 s and 30 s, in which messages come late. An attempt that reaches nobody is given up before core does, after
 * 10 s, which cannot name Pusher; pusher-js begins to try HTTP after 5 s, and says of no try that it failed.
 */
const patience = { activityTimeout: 20_000, pongTimeout: 10_000, unavailableTimeout: 7_000 }

/**
 * Makes the client, which connects at once where the page is ready. The class also keeps all of its instances for
 * ever, and connects them once the page is ready: not ours, for it is core that says when.
 */
export const createSdk = (
  { key, cluster = 'mt1', sdk = (name, all) => new (usual())(name, all), ...settings }: PusherSettings,
  own: Partial<Options>,
): PusherSdk => {
  const made = sdk(key, { ...patience, ...(settings as Partial<Options>), cluster, ...own })
  const { instances } = made.constructor as unknown as SdkClass
  instances.splice(instances.indexOf(made), 1)
  return made
}
