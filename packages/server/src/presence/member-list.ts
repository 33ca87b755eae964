import type { Member, Shared } from './member.ts'

/**
 * Members that have left and are kept for those who have not heard of it; as many as are there, if these are more.
 * Beyond that the whole list is the shorter answer.
 */
const keptLeft = 256

type NewMember = Pick<Member, 'id' | 'person' | 'subject' | 'since' | 'holder' | 'arrival'>

/**
 * The members of a channel, and what has changed since any count. Members are linked in the order of their last
 * changes, so that telling what is new costs what is new and not what is there. However much happens to a member
 * between two counts, it is one change: nothing gathers here, whoever is slow.
 */
export class MemberList {
  readonly #members = new Map<string, Member>()
  readonly #left = new Map<string, Member>()
  #newest: Member | undefined
  #count: number
  /** Before this count it is not known who has left. */
  #floor: number

  /** @param count where the counting goes on */
  constructor(count: number) {
    this.#count = count
    this.#floor = count
  }

  /** Changes so far. */
  get count(): number {
    return this.#count
  }

  get size(): number {
    return this.#members.size
  }

  get(id: string): Member | undefined {
    return this.#members.get(id)
  }

  all(): Iterable<Member> {
    return this.#members.values()
  }

  add(given: NewMember, shared: Shared): Member {
    const before = this.#left.get(given.id)
    if (before) this.#forget(before)
    const count = this.#count + 1
    const member: Member = {
      ...given,
      state: shared.state,
      status: shared.status,
      typing: shared.typing,
      cursor: shared.cursor,
      generation: 1,
      left: false,
      entered: count,
      stateAt: count,
      statusAt: count,
      typingAt: count,
      cursorAt: count,
      changed: count,
      older: undefined,
      newer: undefined,
    }
    this.#members.set(member.id, member)
    this.#touch(member)
    return member
  }

  /** Sets what is given and differs. True if anything did. */
  change(member: Member, shared: Partial<Shared>): boolean {
    const next = this.#count + 1
    let changed = false
    if ('state' in shared && shared.state !== member.state) {
      member.state = shared.state
      member.stateAt = next
      changed = true
    }
    if (shared.status !== undefined && shared.status !== member.status) {
      member.status = shared.status
      member.statusAt = next
      changed = true
    }
    // Who goes on typing says so again, and others let it end when they do not hear of that.
    if (shared.typing !== undefined && (shared.typing || member.typing)) {
      member.typing = shared.typing
      member.typingAt = next
      changed = true
    }
    if ('cursor' in shared && shared.cursor !== member.cursor) {
      member.cursor = shared.cursor
      member.cursorAt = next
      changed = true
    }
    if (changed) this.#touch(member)
    return changed
  }

  remove(member: Member): void {
    if (this.#members.get(member.id) !== member) return
    this.#members.delete(member.id)
    member.left = true
    member.holder = undefined
    this.#left.set(member.id, member)
    this.#touch(member)
    if (this.#left.size <= Math.max(keptLeft, this.#members.size)) return
    for (const oldest of this.#left.values()) {
      this.#floor = Math.max(this.#floor, oldest.changed)
      this.#forget(oldest)
      return
    }
  }

  /** Everybody has heard of everything: who has left need not be kept. */
  allKnow(): void {
    if (this.#left.size === 0) return
    for (const member of [...this.#left.values()]) this.#forget(member)
    this.#floor = this.#count
  }

  /** Those who changed after a count, the longest unchanged first; undefined: too long ago to say. */
  changedAfter(count: number): readonly Member[] | undefined {
    if (count < this.#floor) return undefined
    const changed: Member[] = []
    for (let member = this.#newest; member && member.changed > count; member = member.older)
      changed.push(member)
    return changed.reverse()
  }

  #touch(member: Member): void {
    member.changed = ++this.#count
    if (this.#newest === member) return
    this.#unlink(member)
    member.older = this.#newest
    if (this.#newest) this.#newest.newer = member
    this.#newest = member
  }

  #unlink(member: Member): void {
    const { older, newer } = member
    if (older) older.newer = newer
    if (newer) newer.older = older
    if (this.#newest === member) this.#newest = older
    member.older = undefined
    member.newer = undefined
  }

  #forget(member: Member): void {
    this.#left.delete(member.id)
    this.#unlink(member)
  }
}
