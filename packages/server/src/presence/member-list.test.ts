import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Member } from './member.ts'
import { MemberList } from './member-list.ts'
import { presenceFrameJson } from './presence-json.ts'
import { foldPresence } from './testing/fold-presence.ts'

const shared = { state: '{}', status: 'active', typing: false, cursor: undefined } as const
const enter = (list: MemberList, id: string, state = '{}') =>
  list.add({ id, person: id, subject: id, since: 0, holder: {}, arrival: 1 }, { ...shared, state })
const ids = (members: readonly Member[] | undefined) => members?.map(({ id }) => id)

it('tells who changed after a count, each one once, in the order of their last changes', () => {
  const list = new MemberList(0)
  const a = enter(list, 'a')
  enter(list, 'b')
  const { count } = list
  const c = enter(list, 'c')
  list.change(a, { typing: true })
  list.change(c, { status: 'away' })
  list.change(a, { typing: false })
  expect(ids(list.changedAfter(count))).toEqual(['c', 'a'])
  expect(ids(list.changedAfter(0))).toEqual(['b', 'c', 'a'])
  expect(ids(list.changedAfter(list.count))).toEqual([])
})

it('counts nothing that changes nothing', () => {
  const list = new MemberList(0)
  const a = enter(list, 'a')
  expect(list.change(a, { state: '{}', typing: false, status: 'active', cursor: undefined })).toBe(false)
  expect(list.count).toBe(1)
})

it('counts typing that goes on, as others end what is not renewed', () => {
  const list = new MemberList(0)
  const a = enter(list, 'a')
  expect([true, true, false, false].map((typing) => list.change(a, { typing }))).toEqual([
    true,
    true,
    true,
    false,
  ])
})

it('tells again of one who goes on typing', () => {
  const list = new MemberList(0)
  const a = enter(list, 'a')
  list.change(a, { typing: true })
  const { count } = list
  expect(list.change(a, { typing: true })).toBe(true)
  expect(ids(list.changedAfter(count))).toEqual(['a'])
})

it('remembers so many that left, and then says that it does not know', () => {
  const list = new MemberList(0)
  for (let n = 0; n < 300; n++) list.remove(enter(list, `${n}`))
  expect(list.size).toBe(0)
  expect(list.changedAfter(0)).toBeUndefined()
  expect(list.changedAfter(list.count - 1)).toHaveLength(1)
  list.allKnow()
  expect(list.changedAfter(list.count - 1)).toBeUndefined()
  expect(list.changedAfter(list.count)).toEqual([])
})

it('leads from any count to what is there now, whatever happened in between', () => {
  const action = fc.tuple(
    fc.constantFrom('enter', 'state', 'typing', 'cursor', 'leave', 'know', 'look'),
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.nat(3),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
      const list = new MemberList(0)
      const looks: { readonly after: number; readonly members: readonly object[] }[] = []
      const wire = (member: Member) => ({
        id: member.id,
        person: member.person,
        since: member.since,
        state: JSON.parse(member.state ?? 'null') as unknown,
        status: member.status,
        ...(member.typing && { typing: true }),
        ...(member.cursor !== undefined && { cursor: JSON.parse(member.cursor) as unknown }),
      })
      const look = () => looks.push({ after: list.count, members: Array.from(list.all(), wire) })
      look()
      for (const [what, id, value] of actions) {
        const member = list.get(id)
        if (what === 'enter' && !member) enter(list, id, `${value}`)
        if (what === 'look') look()
        if (what === 'know') list.allKnow()
        if (!member) continue
        if (what === 'leave') list.remove(member)
        if (what === 'state') list.change(member, { state: `${value}` })
        if (what === 'typing') list.change(member, { typing: value > 1 })
        if (what === 'cursor') list.change(member, { cursor: value === 0 ? undefined : `{"x":${value}}` })
      }
      const now = new Map(Array.from(list.all(), (member) => [member.id, wire(member)]))
      for (const { after, members } of looks) {
        const changed = list.changedAfter(after)
        if (!changed) continue
        expect(new Set(ids(changed)).size).toBe(changed.length)
        const known = foldPresence(
          [
            { type: 'members', channel: 'c', revision: ['e', after], grace: 0, members: members as never },
            JSON.parse(presenceFrameJson('c', after, ['e', list.count], changed)),
          ],
          'c',
        )
        expect(known.members).toEqual(now)
      }
    }),
  )
})
