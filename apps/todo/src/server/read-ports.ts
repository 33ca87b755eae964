import { giveUp } from './give-up.ts'

/** Where to listen: `PORT` and nowhere else (0: any free one), or one from 3000 on. */
export const readPorts = (): readonly number[] => {
  const { PORT } = process.env
  if (PORT === undefined) return Array.from({ length: 20 }, (_, index) => 3000 + index)
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535)
    return giveUp(`PORT is “${PORT}”, which is not a port: set it to a number up to 65535, or leave it out.`)
  return [Number(PORT)]
}
