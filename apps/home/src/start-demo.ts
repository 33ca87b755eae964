import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A demo in a process of its own. */
export interface RunningDemo {
  readonly port: number
  /** Settles with the exit code when it has ended, asked for or not. */
  readonly ended: Promise<number>
  /** Asks it to end, as Ctrl-C does. */
  stop(): void
}

/**
 * Starts a demo from its own folder, and waits until it can be opened. Of what it says only complaints go on to the
 * terminal: its address is on the start page.
 *
 * @param ports where it may listen, the best first
 * @throws Error when it ends instead; it has said why
 */
export const startDemo = async (name: string, ports: readonly number[]): Promise<RunningDemo> => {
  const child = spawn(process.execPath, ['src/server/main.ts'], {
    cwd: fileURLToPath(new URL(`../../${name}`, import.meta.url)),
    env: { ...process.env, PORT: ports.join(',') },
    // With the channel it notices when we have gone, however that came about.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => Number(code ?? 1))
  const port = new Promise<number>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const address = /http:\/\/localhost:(\d+)/.exec(text)?.[1]
      if (address) resolve(Number(address))
    })
  })
  const failed = ended.then((code) => {
    throw new Error(`${name} ended with ${code} before it was ready.`)
  })
  const stop = () => {
    if (child.connected) child.disconnect()
  }
  return { port: await Promise.race([port, failed]), ended, stop }
}
