import type { ChannelHandle } from '@syncline/core'
import { useCursors } from '@syncline/react'
import { type board, size } from '../contract.ts'

/** Where the others' hands are. In a component of its own: it is drawn anew with each frame of a moving hand. */
export function Cursors({ channel }: { readonly channel: ChannelHandle<typeof board> }) {
  const { cursors } = useCursors(channel)
  return (
    <ul className="cursors" aria-hidden="true">
      {cursors.map(({ member, cursor }) => (
        <li
          key={member.id}
          data-colour={member.state.colour}
          data-flip={cursor.x > size.width * 0.7 || undefined}
          style={{ translate: `${(100 * cursor.x) / size.width}cqw ${(100 * cursor.y) / size.height}cqh` }}
        >
          <svg viewBox="0 0 16 20" aria-hidden="true">
            <path d="M1 1v15.5l4.2-3.9 2.7 6.2 2.9-1.3-2.7-6H14z" />
          </svg>
          <span>{member.state.name}</span>
        </li>
      ))}
    </ul>
  )
}
