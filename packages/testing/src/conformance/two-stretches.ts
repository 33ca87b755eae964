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
    delay: (milliseconds) => {
      for (const stretch of both) stretch.delay(milliseconds)
    },
    close: async () => {
      await Promise.all(both.map((stretch) => stretch.close()))
    },
  }
}
