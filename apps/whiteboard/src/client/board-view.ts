import { type ChannelHandle, createView } from '@syncline/core'
import { type Board, type board, type ChatMessage, kept, type Stroke } from '../contract.ts'

/** The board as this window shows it: what the hub says, and over it what is still on its way. */
export const createBoardView = (channel: ChannelHandle<typeof board>, person: string) =>
  createView(channel, {
    initial: (snapshot) => snapshot,
    on: {
      'stroke:added': (state, stroke) => draw(state, stroke),
      'stroke:removed': (state, { id }) => erase(state, id),
      'board:cleared': (state) => ({ ...state, strokes: [] }),
      'chat:sent': (state, message) => say(state, message),
    },
    optimistic: {
      'stroke:add': (state, input) => draw(state, { ...input, by: person }),
      'stroke:remove': (state, { id }) => erase(state, id),
      'board:clear': (state) => ({ ...state, strokes: [] }),
      'chat:send': (state, input, { createdAt }) => say(state, { ...input, by: person, at: createdAt }),
    },
    persist: true,
  })

const draw = (state: Board, stroke: Stroke): Board => ({
  ...state,
  strokes: [...state.strokes, stroke].slice(-kept.strokes),
})

const erase = (state: Board, id: string): Board => ({
  ...state,
  strokes: state.strokes.filter((stroke) => stroke.id !== id),
})

const say = (state: Board, message: ChatMessage): Board => ({
  ...state,
  messages: [...state.messages, message].slice(-kept.messages),
})
