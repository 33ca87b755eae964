import type { Endpoint } from './endpoint.ts'
import type { Machine } from './machine.ts'
import type { Wire, WireUse } from './wire.ts'

/** `fetch` over a simulated wire: requests reach the process that is behind the endpoint, if any. */
export const simulatedFetch = (machine: Machine, wire: Wire, endpoint: Endpoint): typeof fetch => {
  const request = (url: string, init: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      if (!machine.act()) return
      const silent = { up: false, down: false }
      const abort = new AbortController()
      let over = false
      const end = (settle: () => void): void => {
        if (over) return
        over = true
        release()
        settle()
      }
      const fail = (reason: string): void =>
        end(() => reject(Object.assign(new TypeError('fetch failed'), { cause: new Error(reason) })))
      /** The hub sees that the client hung up. */
      const hangUp = (): void => {
        endpoint.process?.machine.deliver(wire.delay(), () => !silent.up && abort.abort())
      }
      const use: WireUse = {
        silent,
        broken: () => {
          machine.deliver(0, () => fail('cut'))
          hangUp()
        },
      }
      const aborted = (): void => {
        hangUp()
        end(() => reject(init.signal?.reason))
      }
      let forget = (): void => {}
      const withdraw = [wire.use(use), machine.onDeath(hangUp), () => forget()]
      const release = (): void => {
        for (const each of withdraw) each()
        init.signal?.removeEventListener('abort', aborted)
      }
      init.signal?.addEventListener('abort', aborted)
      if (init.signal?.aborted) {
        aborted()
        return
      }

      machine.deliver(wire.delay(), () => {
        if (over || wire.door === 'void' || silent.up) return
        const { process } = endpoint
        const { handler } = process ?? {}
        if (wire.door === 'refusing' || !process?.machine.alive || !handler) return fail('refused')
        forget = process.machine.onDeath(() =>
          machine.deliver(wire.delay(), () => !silent.down && fail('reset')),
        )
        const serve = async (): Promise<void> => {
          const { method = 'GET', headers = {}, body } = init
          const response = await handler(
            new Request(url, {
              method,
              headers: headers as Record<string, string>,
              signal: abort.signal,
              ...(body !== undefined && { body: body as string }),
            }),
          )
          const text = response.status === 204 ? null : await response.text()
          const { status } = response
          if (!process.machine.act()) return
          machine.deliver(wire.delay(), () => {
            if (!silent.down) end(() => resolve(new Response(text, { status, headers: response.headers })))
          })
        }
        process.machine.deliver(0, () => {
          if (process.machine.act())
            serve().catch((error) => process.machine.deliver(0, () => fail(String(error))))
        })
      })
    })
  return (input, init = {}) => request(String(input), init)
}
