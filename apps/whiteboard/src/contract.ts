import { defineChannel } from '@syncline/core'
import { z } from 'zod'
import { colours, personColours, widths } from './colours.ts'

/** The board's own units: every window shows all of it, whatever its size. */
export const size = { width: 1200, height: 900 } as const

/** What a board keeps. Whoever makes more, or reads a snapshot, forgets the oldest. */
export const kept = { strokes: 800, messages: 200 } as const

const Coordinate = z.int().min(-4096).max(4096)

/** Numbers in one part of a stroke: `x, y` of the first point, then from each point to the next. */
export const longestPart = 300

/** The last part that a stroke can have: eight minutes of drawing. What follows is another stroke. */
export const lastPart = 999

/**
 * A part of a stroke. A long one is sent in parts while it is drawn, so that others see it grow; each part begins
 * where the last one ended.
 */
export const Stroke = z.object({
  /** Made by the window that draws it; the same for all parts. */
  id: z.uuid(),
  part: z.int().min(0).max(lastPart),
  /** The person who drew it. */
  by: z.string(),
  colour: z.enum(colours),
  width: z.enum(Object.keys(widths) as (keyof typeof widths)[]),
  points: z
    .array(Coordinate)
    .min(2)
    .max(longestPart)
    .refine((points) => points.length % 2 === 0, 'Points are pairs.'),
})
export type Stroke = z.infer<typeof Stroke>

export const ChatMessage = z.object({
  id: z.uuid(),
  by: z.string(),
  text: z.string().trim().min(1, 'A message needs a text.').max(500, 'A message has at most 500 characters.'),
  /** When the hub took it, ms since 1970. */
  at: z.number(),
})
export type ChatMessage = z.infer<typeof ChatMessage>

export const Board = z.object({ strokes: z.array(Stroke), messages: z.array(ChatMessage) })
export type Board = z.infer<typeof Board>

/** A board and the chat beside it: one definition for the browser and for the hub. */
export const board = defineChannel('board/:id', {
  snapshot: Board,
  events: {
    'stroke:added': Stroke,
    'stroke:removed': Stroke.pick({ id: true }),
    'board:cleared': z.object({ by: z.string() }),
    'chat:sent': ChatMessage,
  },
  mutations: {
    'stroke:add': { input: Stroke.omit({ by: true }) },
    'stroke:remove': { input: Stroke.pick({ id: true }) },
    'board:clear': { input: z.object({}) },
    'chat:send': { input: ChatMessage.pick({ id: true, text: true }) },
  },
  /** What each window shows of itself. */
  presence: z.object({
    name: z.string().max(24),
    colour: z.enum(personColours),
    provider: z.string().max(20),
  }),
  cursor: z.object({ x: Coordinate, y: Coordinate }),
})

/** Names of boards, as they stand in an address. */
export const isBoardName = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9-]{1,40}$/.test(value)
