import { connect } from 'node:net'
import {
  type Environment,
  type Opening,
  SynclineError,
  type Transport,
  type TransportEvent,
} from '@syncline/core'
import type { ClientFrame, JoinFrame } from '@syncline/core/protocol'
import { createUplink } from '@syncline/core/uplink'
import { Observable } from 'rxjs'
import { readLines, writeLine } from './lines.ts'
import type { ToClient } from './toy-provider.ts'

const lost = (detail: string) => new SynclineError('transport-failed', { detail })

/** The client's half: subscribes at the provider first, and tells the hub of the join when that stands. */
export const toyTransport = (hubUrl: string, providerUrl: string): Transport => ({
  kind: 'hub',
  name: 'toy',
  open: (environment) => ({
    attempt: (opening) =>
      attempt(`${hubUrl}/syncline/toy`, Number(new URL(providerUrl).port), environment, opening),
    dispose: () => {},
  }),
})

const attempt = (url: string, port: number, environment: Environment, { token, frames }: Opening) =>
  new Observable<TransportEvent>((subscriber) => {
    const subscribed = new Set<string>()
    const joining = new Map<string, JoinFrame>()
    let connection: string | undefined
    let hello = (_connection: string) => {}
    const connected = new Promise<string>((resolve) => {
      hello = resolve
    })
    const uplink = createUplink({
      url,
      environment,
      token,
      onFrames: (received) => subscriber.next({ type: 'frames', frames: received }),
      onError: (error) => subscriber.error(error),
    })
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', (cause) => subscriber.error(new SynclineError('transport-failed', { cause })))
    socket.on('close', () => subscriber.error(lost('The provider hung up.')))

    const forward = (channel: string) => {
      const join = joining.get(channel)
      joining.delete(channel)
      if (join) uplink.send([join])
    }
    readLines(socket, (value) => {
      const line = value as ToClient
      if (line.type === 'hello') hello(line.connection)
      else if (line.channel.startsWith('wake-')) uplink.poll()
      else if (line.type === 'message') subscriber.next({ type: 'frames', frames: [line.data] })
      else if (line.type === 'unsubscribed') subscribed.delete(line.channel)
      else {
        if (line.type === 'subscribed') subscribed.add(line.channel)
        forward(line.channel)
      }
    })

    const subscribe = async (channel: string) => {
      try {
        await uplink.act('allow', { connection, channel })
        writeLine(socket, { type: 'subscribe', channel })
      } catch {
        // The hub says why when it is asked to join.
        forward(channel)
      }
    }
    const take = (frame: ClientFrame) => {
      if (frame?.type === 'join' && !subscribed.has(frame.channel)) {
        const known = joining.has(frame.channel)
        joining.set(frame.channel, frame)
        if (!known) void subscribe(frame.channel)
        return
      }
      if (frame?.type === 'leave') {
        joining.delete(frame.channel)
        subscribed.delete(frame.channel)
        writeLine(socket, { type: 'unsubscribe', channel: frame.channel })
      }
      uplink.send([frame])
    }

    const run = async () => {
      const [opened, id] = await Promise.all([uplink.open(frames), connected])
      connection = id
      writeLine(socket, { type: 'subscribe', channel: `wake-${opened.wake}` })
      subscriber.next({ type: 'open', continuity: 'lost', send: (sent) => sent.forEach(take) })
      subscriber.next({ type: 'frames', frames: opened.frames })
    }
    run().catch((error) => subscriber.error(error))
    return () => {
      uplink.close()
      socket.destroy()
    }
  })
