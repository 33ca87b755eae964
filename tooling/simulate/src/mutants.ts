import type { Patch } from './build-worker.ts'

/** The product, broken on purpose. */
export interface Mutant {
  readonly name: string
  /** The promise (P) or rule (R) of packages/core/SPEC.md that it breaks. */
  readonly breaks: string
  readonly patches: readonly Patch[]
}

const mutant = (name: string, breaks: string, file: string, find: string, replace: string): Mutant => ({
  name,
  breaks,
  patches: [{ file: `packages/${file}`, find, replace }],
})

/**
 * One at least for each promise and each rule. Convergence of documents (P6) has none until there are documents, and
 * neither have plain channels (P10), which a simulation of a hub does not meet.
 */
export const mutants: readonly Mutant[] = [
  mutant(
    'skip a gap',
    'P1 order',
    'core/src/channel/message-order.ts',
    'messages[0]?.[0] !== buffer.next',
    '(messages[0]?.[0] ?? 0) < buffer.next',
  ),
  mutant(
    'hand on what comes twice',
    'P1 order',
    'core/src/channel/message-order.ts',
    '    if (!received) return none\n',
    '    if (!received) return none\n    if (messages.at(-1)?.[0] === this.tail?.seq) return messages\n',
  ),
  mutant(
    'tear a write apart',
    'P1 order',
    'core/src/channel/message-order.ts',
    'const goesOn = (message: WireMessage | undefined): boolean => message?.[6] === 1',
    'const goesOn = (_message: WireMessage | undefined): boolean => false',
  ),
  mutant(
    'let anybody into a storage without a name',
    'P8 identity, R9 identity names the storage',
    'core/src/client/create-hub-client.ts',
    '    subject: session.subject,\n',
    '',
  ),
  mutant(
    'forget whose a storage is when the disk is full',
    'P8 identity, R9 identity names the storage',
    'core/src/client/client-session.ts',
    '      nameOwner(store, confirmed)\n      store.commit([])',
    "      store.commit([{ op: 'put', table: 'meta', key: SUBJECT, value: confirmed }])",
  ),
  mutant(
    'say nothing of a message that fails its schema',
    'P9 no silent failure',
    'core/src/client/create-hub-client.ts',
    '    log.errors$.subscribe(report)\n',
    '',
  ),
  mutant(
    'call a view whole that lacks a message',
    'P9 no silent failure',
    'core/src/view/view-stage.ts',
    '      error = invalid\n      fail(undefined)\n',
    '      error = invalid\n',
  ),
  mutant(
    'believe a position without its message',
    'R1 append before fan-out',
    'server/src/log/read-log.ts',
    'return (await idAt(store, channel, at.seq)) === at.id',
    'return (await idAt(store, channel, at.seq)) !== undefined',
  ),
  mutant(
    'believe that the next number is the next message',
    'P2 continuity, R1 append before fan-out',
    'core/src/channel/message-order.ts',
    'if (before !== last.id) this.diverged = true',
    'if (before === undefined) this.diverged = true',
  ),
  {
    name: 'fan out before the append',
    breaks: 'R1 append before fan-out',
    patches: [
      {
        file: 'packages/server/src/commit/committer.ts',
        find: '      outcomes = await store.commit(group)\n',
        replace: `      for (const job of group) {
        if (job.isolated) break
        let plan
        try { plan = job.plan(undefined as never) } catch { break }
        for (const { channel, messages } of plan.appends) {
          const head = heads.get(channel)
          if (!head || messages.length === 0) continue
          const stored = messages.map((message) => {
            head.seq++
            return { epoch: head.epoch, seq: head.seq, id: message.id, timestamp: message.timestamp, json: message.encode(head.seq) }
          })
          applied([{ channel, epoch: head.epoch, messages: stored }])
          told.add(job)
        }
      }
      fanOut()
      outcomes = await store.commit(group)
`,
      },
      {
        file: 'packages/server/src/commit/committer.ts',
        find: '    for (const outcome of outcomes) if (outcome.ok && outcome.appended.length > 0) applied(outcome.appended)\n',
        replace: `    for (const [index, outcome] of outcomes.entries()) {
      if (!outcome.ok || outcome.appended.length === 0) continue
      if (!told.has(group[index] as never)) applied(outcome.appended)
      for (const { channel, epoch, messages } of outcome.appended) heads.set(channel, { epoch, seq: messages.at(-1)?.seq ?? 0 })
    }
`,
      },
      {
        file: 'packages/server/src/commit/committer.ts',
        find: '  let queue: CommitJob<Db>[] = []\n',
        replace: `  let queue: CommitJob<Db>[] = []
  const heads = new Map<string, { epoch: string; seq: number }>()
  const told = new Set<object>()
`,
      },
    ],
  },
  mutant(
    'send no heads',
    'P2 continuity, R2 heads',
    'server/src/session/session.ts',
    '    return this.#memberships.heads((channel) => this.revision(channel))',
    '    return pong',
  ),
  mutant(
    'follow another epoch',
    'P2 continuity, reuse of an epoch',
    'core/src/channel/channel-log.ts',
    '} else if (frame.epoch !== this.#order.tail?.epoch) {',
    '} else if (frame.epoch === undefined) {',
  ),
  mutant(
    'store a position without its state',
    'R3 a position with its state',
    'core/src/view/stored-view.ts',
    'export const writeView = (storage: OpenStorage, key: string, view: Base & StoredView): Promise<void> =>\n',
    `export const writeView = async (storage: OpenStorage, key: string, view: Base & StoredView): Promise<void> => {
  const before = (await storage.get('views', key)) as StoredView | undefined
  if (before) await storage.commit([{ op: 'put', table: 'views', key, value: { ...before, position: view.position } }])
  return writeWhole(storage, key, view)
}
const writeWhole = (storage: OpenStorage, key: string, view: Base & StoredView): Promise<void> =>
`,
  ),
  mutant(
    'read a snapshot between a handler and its commit',
    'R3 a position with its state',
    'server/src/snapshot/gate.ts',
    'if (this.#waiting.length === 0 && (this.#count === 0 || this.#inside === side)) {',
    'if (side !== undefined) {',
  ),
  mutant(
    'acknowledge before the commit',
    'P3 durability',
    'server/src/write/write-line.ts',
    '    this.#context.committer.submit(new StreamJob(this, item, work))\n',
    `    if (work.type === 'ran') {
      const outcome = { type: 'accepted' as const, result: work.ran.result, effects: [] }
      this.#replies.answer({ n: item.n, id: item.id, hash: item.hash, outcome })
      this.#replies.sendAnswers()
    }
    this.#context.committer.submit(new StreamJob(this, item, work))
`,
  ),
  mutant(
    'clear the outbox before the answer',
    'P3 durability',
    'core/src/outbox/create-lane.ts',
    "    for (const write of taken) context.change(write, { at: 'sent' })\n",
    "    for (const write of taken) { context.change(write, { at: 'sent' }); journal.erase(write) }\n",
  ),
  mutant(
    'call it queued before it is stored',
    'P3 durability',
    'core/src/outbox/intake.ts',
    '      if (!commit) stored(write)\n      else',
    '      stored(write)\n      if (commit)',
  ),
  mutant(
    'forget what was to be sent after a reload',
    'P3 durability, R8 registered',
    'core/src/outbox/create-lane.ts',
    "else if (write.status.at === 'queued') line.enqueue(write)",
    'else continue',
  ),
  mutant(
    'send again under a new number',
    'R4 write streams',
    'core/src/outbox/create-lane.ts',
    '    resendFrom = stream.sent.length && firstOpen(stream)\n    newSince',
    '    if (stream.sent.length) onUnknown(0)\n    newSince',
  ),
  mutant(
    'send before the number is stored',
    'R4 write streams',
    'core/src/outbox/create-lane.ts',
    '    stream = assign(stream, taken)\n',
    '    stream = assign(stream, taken)\n    if (link && taken.length) send(link, stream.next - taken.length)\n',
  ),
  mutant(
    'take any number',
    'R4 write streams',
    'server/src/write/decide.ts',
    "  if (n > next) return known || taken.length > 0 ? 'back' : 'unknown'\n",
    "  if (n > next) return 'pending'\n",
  ),
  mutant(
    'forget a rejection',
    'P4 receipts, R5 one commit',
    'server/src/write/write-line.ts',
    '    else this.#context.committer.submit(job)\n',
    "    else this.committed(item, { n: item.n, id: item.id, hash: item.hash, outcome: { type: 'rejected', error: toWireError(error) } })\n",
  ),
  mutant(
    'leave the stream mark out of the commit',
    'R5 one commit',
    'server/src/write/stream-job.ts',
    '  plan(db: unknown): CommitPlan {\n',
    `  plan(db: unknown): CommitPlan {
    const whole = this.whole(db)
    if (this.n % 2) return whole
    const answer = this.answer([])
    queueMicrotask(() => this.#stream.committed(this.#item, answer))
    return { appends: whole.appends }
  }
  whole(db: unknown): CommitPlan {
`,
  ),
  mutant(
    'let an overlay go when its write is accepted',
    'P5 overlays, R6 release',
    'core/src/view/own-writes.ts',
    '!write.effects?.every(({ channel, position }) => channel !== log.name || passed(position, write)),',
    'write.effects === undefined,',
  ),
  mutant(
    'keep an overlay when its message is there',
    'P5 overlays, R6 release',
    'core/src/view/own-writes.ts',
    '          !ours.has(write.id) &&\n',
    '',
  ),
  mutant(
    'forget what the stored view has seen',
    'P5 overlays, R6 release',
    'core/src/view/view-stage.ts',
    '      for (const id of stored.seen) writes.arrived(id)\n',
    '',
  ),
  {
    name: 'fold a message twice',
    breaks: 'P6 convergence',
    patches: [
      {
        file: 'packages/core/src/view/fold.ts',
        find: '    if (message.position.seq <= base.position.seq) continue\n',
        replace: '    if (message.position.seq < base.position.seq) continue\n',
      },
      {
        file: 'packages/core/src/view/view-stage.ts',
        find: '    if (batch.position.seq <= base.position.seq) return\n',
        replace: '',
      },
    ],
  },
  mutant(
    'drop the tie-break',
    'P6 convergence',
    'core/src/operators/merge-lww.ts',
    '    compare(id(a), id(b)) ||\n    compare(canonical(a), canonical(b))) < 0\n',
    '    -1) < 0\n',
  ),
  mutant(
    'let writes with one key overtake',
    'R7 order with holes',
    'core/src/outbox/waiting-line.ts',
    'if (write.key !== undefined && !order.isNext(write, () => release(write))) {',
    'if (write.key === undefined && !order.isNext(write, () => release(write))) {',
  ),
  mutant(
    'tell an update as leaving and entering',
    'P7 presence',
    'core/src/presence/entrance.ts',
    '    if (asked) latest.push({ state: next })\n',
    "    if (asked) {\n      send({ type: 'exit', channel })\n      ask()\n    }\n",
  ),
  {
    name: 'let a ghost remove its successor',
    breaks: 'P7 presence, R13 leases',
    patches: [
      {
        file: 'packages/server/src/presence/room.ts',
        find: '      leases.end(member)\n      member.holder = seat\n      member.arrival',
        replace: '      member.holder = seat\n      member.arrival',
      },
      {
        file: 'packages/server/src/presence/leases.ts',
        find: '      if (member.generation === generation) expired()',
        replace: '      if (generation > 0 || member) expired()',
      },
    ],
  },
  mutant(
    'let ghosts stay',
    'P7 presence, R13 leases',
    'server/src/presence/leases.ts',
    '      if (member.generation === generation) expired()',
    '      if (member.generation !== generation) expired()',
  ),
  mutant(
    'miss a change of presence',
    'P7 presence, R2 heads',
    'core/src/presence/watcher.ts',
    '=> of !== era || through > count',
    '=> of !== era || through < 0',
  ),
  mutant(
    'use a token until it is refused',
    'P8 identity',
    'core/src/connection/token-source.ts',
    '      arm()\n      return () => {',
    '      return () => {',
  ),
  mutant(
    'never ask for another token',
    'P8 identity',
    'core/src/connection/token-source.ts',
    "if (reason === 'refused') known = undefined",
    "if (reason === 'refused') known = known",
  ),
  {
    name: 'do not check whose the session is',
    breaks: 'P8 identity, R9 identity names the storage',
    patches: [
      {
        file: 'packages/server/src/session/session.ts',
        find: 'if (identity !== undefined && identity !== user.id) throw',
        replace: 'if (identity === null) throw',
      },
      {
        file: 'packages/core/src/connection/dial-hub.ts',
        find: 'if (expected !== undefined && welcome.subject !== expected)',
        replace: 'if (expected === null)',
      },
    ],
  },
  mutant(
    'name no storage by identity',
    'R9 identity names the storage',
    'core/src/client/client-session.ts',
    'export const storageName = (identity: string | undefined): string =>\n',
    "export const storageName = (identity: string | undefined): string => (identity && 'identity:everybody') ??\n",
  ),
  mutant(
    'do not say that the store refused',
    'P9 no silent failure',
    'server/src/write/write-line.ts',
    '    if (source) this.#replies.back(source, n, error)\n',
    '    if (source && n < 0) this.#replies.back(source, n, error)\n',
  ),
  mutant(
    'use the client id of another tab',
    'R10 tabs',
    'core/src/outbox/tab-lock.ts',
    '  if (!lock) return undefined\n',
    '  if (!lock) return { client, lock: { lost: false, release: () => {} } }\n',
  ),
  mutant(
    'adopt no orphans',
    'R10 tabs',
    'core/src/outbox/durable-keeper.ts',
    '      if (lock) await takeOver(client, lock)\n      else waitFor(client)',
    '      lock?.release()',
  ),
  mutant(
    'let everybody in',
    'R11 trust',
    'server/src/channel/channel-registry.ts',
    'authorization === true',
    'authorization !== undefined',
  ),
  mutant(
    'show what was before the earliest position',
    'R11 trust',
    'server/src/channel/access.ts',
    'if (!since) return true',
    'if (!since || head) return true',
  ),
  mutant(
    'ask for one page only',
    'R12 flow control',
    'core/src/channel/channel-state.ts',
    'const missing = facts.behind && (facts.overdue || !facts.wasLive)',
    'const missing = facts.behind && facts.overdue',
  ),
  mutant(
    'take what is stored as of this version',
    'R14 versions',
    'core/src/view/stored-view.ts',
    '  if (found.version === version) return found\n',
    '  if (found.version <= version) return found\n',
  ),
  mutant(
    'send an old write as it is',
    'R14 versions',
    'server/src/mutation/run-write.ts',
    "if (call.version === version || call.kind === 'void') return call",
    "if (call.version <= version || call.kind === 'void') return call",
  ),
  mutant(
    'never give a silent link up',
    'liveness',
    'core/src/connection/heartbeat.ts',
    '    if (silence >= options.limit) return options.lost(silence)\n',
    '',
  ),
  mutant(
    'go on with a store that another hub has taken',
    'R1 fence',
    'server/src/hub/create-hub.ts',
    '    if (state.fenced || !isFenced(error)) return\n',
    '    if (state.fenced || isFenced(error)) return\n',
  ),
  mutant(
    'leave a timer behind',
    'bounded memory',
    'core/src/outbox/durable-keeper.ts',
    '        cancelAdoption()\n        for (const lock of',
    '        for (const lock of',
  ),
  mutant(
    'ask for a sign-in when the network fails twice',
    'P8 identity',
    'core/src/connection/retry-policy.ts',
    "    if (++failures > limit) return { type: 'failed', error }\n",
    "    if (++failures > 1) return { type: 'refused', error }\n",
  ),
  mutant(
    'miss that the network is back',
    'liveness',
    'core/src/connection/connection-state.ts',
    "  offline: { ...paused, online: 'connecting' },",
    '  offline: paused,',
  ),
  mutant(
    'answer every resume as a gap',
    'P2 continuity',
    'server/src/session/join-channel.ts',
    '    if (!page.gone) return',
    '    if (!page.gone && at.seq < 0) return',
  ),
  mutant(
    'forget what to show of writes made before a reload',
    'P5 overlays, R8 registered',
    'core/src/outbox/durable-keeper.ts',
    '    if (write !== known) ledger.enter(write)\n',
    "    if (write !== known) ledger.enter(Object.defineProperty(write, 'pending', { value: { ...write.pending, name: '' } }))\n",
  ),
  mutant(
    'adopt while its holder lives',
    'R10 tabs, leases',
    'core/src/outbox/durable-keeper.ts',
    '      if (lock) await takeOver(client, lock)\n      else waitFor(client)',
    '      await takeOver(client, lock ?? { lost: false, release: () => {} })',
  ),
  mutant(
    'write under a lease that another tab has taken',
    'R10 tabs, leases',
    'core/src/outbox/durable-keeper.ts',
    '      await storage.commit(changes, lock)\n',
    '      await storage.commit(changes)\n',
  ),
  mutant(
    'a lease never expires',
    'R10 tabs, leases',
    'testing/src/simulation/client-disk.ts',
    'scheduler.now - goneSince > LEASE',
    'scheduler.now - goneSince < 0',
  ),
  mutant(
    'look for orphans once only',
    'R10 tabs, leases',
    'core/src/outbox/durable-keeper.ts',
    '        if (!isClosed()) cancelAdoption = environment.setTimer(ADOPTION_INTERVAL, () => void adopt())\n',
    '',
  ),
  mutant(
    'reuse the epoch of a disk that was lost',
    'P2 continuity, reuse of an epoch',
    'testing/src/simulation/hub-disk.ts',
    '    wipe: () => {\n      contents = createContents()\n',
    '    wipe: () => {\n      epochs = 0\n      contents = createContents()\n',
  ),
  mutant(
    'come back before the hub wants it',
    'R12 flow control',
    'core/src/connection/retry-policy.ts',
    'backoffDelay(backoff, failures, environment.random, error.retryAfter)',
    'backoffDelay(backoff, failures, environment.random)',
  ),
  mutant(
    'send a write again before the hub wants it',
    'R12 flow control',
    'core/src/outbox/create-lane.ts',
    'backoffDelay(BACKOFF, refusals.count, environment.random, error.retryAfter)',
    'backoffDelay(BACKOFF, refusals.count, environment.random)',
  ),
  mutant(
    'join again before the hub wants it',
    'R12 flow control',
    'core/src/channel/channel-log.ts',
    'this.#request.pause(this.#patience(error.retryAfter))',
    'this.#request.pause(1)',
  ),
  mutant(
    'read a page once for each who asks',
    'R12 flow control',
    'server/src/log/read-log.ts',
    '    if (shared !== undefined) return shared\n',
    '',
  ),
  mutant(
    'keep every channel for ever',
    'R12 flow control, a bound',
    'server/src/channel/live-channels.ts',
    'if (unused.size <= most) return',
    'if (unused.size > 0) return',
  ),
  mutant(
    'believe that a commit that failed is not there',
    'P2 continuity, R1 append before fan-out',
    'server/src/hub/create-hub.ts',
    '      if (!state.fenced) channels.doubt()\n',
    '',
  ),
  mutant(
    'go on with a stream whose commit failed',
    'P3 durability, R4 write streams',
    'server/src/write/write-line.ts',
    '    this.trusted = false\n',
    '',
  ),
  mutant(
    'forget idle channels only when another one is used',
    'bounded memory, R12 flow control',
    'server/src/channel/live-channels.ts',
    '    if (!isInUse(channel) && channels.get(channel.name) === channel) touch(channel)\n',
    '    if (channels.get(channel.name) === channel) unused.add(channel)\n',
  ),
  mutant(
    'never forget idle streams',
    'bounded memory, R12 flow control',
    'server/src/write/stream-cache.ts',
    '      if (streams.size <= context.limits.streams || tries-- === 0) return\n',
    '      if (streams.size > 0 || tries-- === 0) return\n',
  ),
  mutant(
    'never cut a slow reader',
    'bounded memory, R12 flow control',
    'server/src/session/session.ts',
    "    this.end(new SynclineError('slow-consumer'))\n",
    '',
  ),
  mutant(
    'do not tell that one types',
    'P7 presence',
    'core/src/presence/entrance.ts',
    '      typing.typed()\n',
    '',
  ),
  mutant(
    'do not tell where the cursor is',
    'P7 presence',
    'core/src/presence/entrance.ts',
    '      if (asked) latest.push({ cursor })\n',
    '',
  ),
]
