import { describe, expect, test } from 'vitest'
import { run } from './child.mjs'

const node = (code: string) => [process.execPath, '--eval', code]

describe.skipIf(process.platform === 'win32')('run', () => {
  test('gives lines and the exit code', async () => {
    const lines: string[] = []
    const code = 'console.log("one\\ntwo"); process.stderr.write("three"); process.exitCode = 3'
    const result = await run(node(code), { onLine: (line) => lines.push(line) })
    expect(result).toEqual({ code: 3, stopped: false, timedOut: false })
    expect(lines.sort()).toEqual(['one', 'three', 'two'])
  })

  test('stops what takes too long, and all that it started', async () => {
    const lines: string[] = []
    const inner =
      'process.on("SIGTERM", () => setTimeout(() => { console.log("closed"); process.exit() }, 200))'
    const forever = `${inner}; setInterval(() => {}, 1000); console.log("up")`
    const result = await run(['sh', '-c', `"${process.execPath}" --eval '${forever}'; true`], {
      onLine: (line) => lines.push(line),
      timeout: 6000,
    })
    expect(result).toMatchObject({ stopped: false, timedOut: true })
    expect(lines).toEqual(['up', 'closed'])
  })

  test('stops the hard way what does not end when it is asked', async () => {
    const lines: string[] = []
    const deaf = 'process.on("SIGTERM", () => console.log("no")); setInterval(() => {}, 1000)'
    const result = await run(node(deaf), { onLine: (line) => lines.push(line), timeout: 6000 })
    expect(result).toMatchObject({ code: 1, timedOut: true })
    expect(lines).toEqual(['no'])
  })

  test('rejects where there is no such command', async () => {
    await expect(run(['no-such-command'])).rejects.toThrow('ENOENT')
  })
})
