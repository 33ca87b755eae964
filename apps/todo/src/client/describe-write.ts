import type { ParkedWrite, Receipt } from '@syncline/core'
import type { Todo } from '../contract.ts'

/** The title that a write carries, if it carries one: that is what can be edited before another try. */
export const titleIn = ({ input }: Receipt): string | undefined => (input as Partial<Todo>).title

/** What a write was to do, in words. */
export const describeWrite = (write: Receipt, list: readonly Todo[]): string => {
  const { id, title, done } = write.input as Partial<Todo>
  const known = list.find((todo) => todo.id === id)?.title
  const which = known === undefined ? 'a todo' : `“${known}”`
  switch (write.name) {
    case 'todo:create':
      return `Add “${title}”`
    case 'todo:rename':
      return `Rename ${which} to “${title}”`
    case 'todo:check':
      return `Mark ${which} as ${done ? 'done' : 'open'}`
    default:
      return `Delete ${which}`
  }
}

/** Why it was not done. */
export const describeReason = ({ reason, error }: ParkedWrite): string =>
  reason === 'rejected' ? (error.detail ?? error.remedy) : error.remedy
