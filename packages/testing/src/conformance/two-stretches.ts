import type { TcpProxy } from '../tcp-proxy.ts'

/** A device's whole network: what happens to it happens on the way to the hub and to the provider. */
export const twoStretches = (hub: TcpProxy, provider: TcpProxy): TcpProxy => {
  const both = [hub, provider]
  return {
    port: hub.port,
    url: hub.url,
    get connections() {
      return hub.connections + provider.connections
    },
    cut: () => {
      for (const stretch of both) stretch.cut()
    },
    refuse: () => {
      for (const stretch of both) stretch.refuse()
    },
    accept: () => {
      for (const stretch of both) stretch.accept()
    },
    pause: (direction) => {
      for (const stretch of both) stretch.pause(direction)
    },
    resume: () => {
      for (const stretch of both) stretch.resume()
    },
    delay: (milliseconds, direction) => {
      for (const stretch of both) stretch.delay(milliseconds, direction)
    },
    passed: async (direction) => {
      await Promise.race(both.map((stretch) => stretch.passed(direction)))
    },
    truncate: async (direction, kept) => {
      await Promise.all(both.map((stretch) => stretch.truncate(direction, kept)))
    },
    corrupt: async (direction, at) => {
      await Promise.all(both.map((stretch) => stretch.corrupt(direction, at)))
    },
    halfClose: (direction) => {
      for (const stretch of both) stretch.halfClose(direction)
    },
    close: async () => {
      await Promise.all(both.map((stretch) => stretch.close()))
    },
  }
}
