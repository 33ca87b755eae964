import { giveUp } from './give-up.ts'

const last = 65_535

/**
 * Where to listen: `PORT` and nowhere else (0: any free one; several, with commas between: the best first), or the
 * first free one from `from` on.
 */
export const readPorts = (from: number): readonly number[] => {
  const { PORT } = process.env
  if (PORT === undefined) return portsFrom(from)
  const ports = PORT.split(',')
  if (!ports.every((port) => /^\d{1,5}$/.test(port) && Number(port) <= last))
    return giveUp(
      `PORT is “${PORT}”, which is not a port: set it to a number up to ${last}, or leave it out.`,
    )
  return ports.map(Number)
}

/** Twenty ports, `step` apart: where each of a few programs has its own, none takes another's. */
export const portsFrom = (from: number, step = 1): readonly number[] =>
  Array.from({ length: 20 }, (_, index) => from + index * step).filter((port) => port <= last)
