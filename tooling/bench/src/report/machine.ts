import { cpus, freemem, loadavg, release, totalmem, type } from 'node:os'

/** Where the figures were taken. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: `${(totalmem() / 2 ** 30).toFixed(1)} GB`,
  free: `${(freemem() / 2 ** 30).toFixed(1)} GB`,
  load: Number((loadavg()[0] ?? 0).toFixed(2)),
  node: process.version,
  os: `${type()} ${release()}`,
  date: new Date().toISOString().slice(0, 10),
})
