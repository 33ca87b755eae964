import type { StorageTable } from '../../storage/client-storage.ts'

/**
 * What a page left behind that ran the first version of the outbox (commit e6864a8), word for word: on two channels
 * each a write that was rejected, one that was sent and answered though the page never heard it, and one that was
 * never sent; on `board` also one that was accepted and kept for a view. Never changed: who upgrades has such records.
 */
export const firstRecords: readonly (readonly [StorageTable, string, unknown])[] = [
  [
    'outbox',
    '00000000-0000-4000-8000-000000000003/000000000000002',
    {
      id: '00000000-0000-4000-8000-000000000002',
      channel: 'board',
      kind: 'mutate',
      name: 'add',
      json: '"first"',
      version: 1,
      createdAt: 1767225600000,
    },
  ],
  [
    'outbox',
    '00000000-0000-4000-8000-000000000003/000000000000003',
    {
      id: '00000000-0000-4000-8000-000000000004',
      channel: 'todos',
      kind: 'mutate',
      name: 'add',
      json: '"bad"',
      version: 1,
      createdAt: 1767225600000,
      key: 'k',
      parked: { reason: 'rejected', error: { code: 'rejected' } },
    },
  ],
  [
    'outbox',
    '00000000-0000-4000-8000-000000000003/000000000000004',
    {
      id: '00000000-0000-4000-8000-000000000005',
      channel: 'board',
      kind: 'mutate',
      name: 'add',
      json: '"bad"',
      version: 1,
      createdAt: 1767225600000,
      key: 'k',
      parked: { reason: 'rejected', error: { code: 'rejected' } },
    },
  ],
  [
    'outbox',
    '00000000-0000-4000-8000-000000000003/000000000000005',
    {
      id: '00000000-0000-4000-8000-000000000006',
      channel: 'todos',
      kind: 'mutate',
      name: 'add',
      json: '"unanswered"',
      version: 1,
      createdAt: 1767225600000,
      key: 'l',
    },
  ],
  [
    'outbox',
    '00000000-0000-4000-8000-000000000003/000000000000006',
    {
      id: '00000000-0000-4000-8000-000000000007',
      channel: 'board',
      kind: 'mutate',
      name: 'add',
      json: '"unanswered"',
      version: 1,
      createdAt: 1767225600000,
      key: 'l',
    },
  ],
  [
    'outbox',
    '00000000-0000-4000-8000-000000000003/000000000000007',
    {
      id: '00000000-0000-4000-8000-000000000008',
      channel: 'todos',
      kind: 'mutate',
      name: 'add',
      json: '"queued"',
      version: 1,
      createdAt: 1767225600000,
      key: 'm',
    },
  ],
  [
    'outbox',
    '00000000-0000-4000-8000-000000000003/000000000000008',
    {
      id: '00000000-0000-4000-8000-000000000009',
      channel: 'board',
      kind: 'mutate',
      name: 'add',
      json: '"queued"',
      version: 1,
      createdAt: 1767225600000,
      key: 'm',
    },
  ],
  [
    'streams',
    '00000000-0000-4000-8000-000000000003/board',
    {
      generation: 1,
      next: 4,
      sent: [6],
      accepted: [[2, [{ channel: 'board', position: { epoch: 'e', seq: 2 } }]]],
    },
  ],
  [
    'streams',
    '00000000-0000-4000-8000-000000000003/todos',
    { generation: 1, next: 4, sent: [5], accepted: [] },
  ],
  ['meta', 'client/00000000-0000-4000-8000-000000000003', { createdAt: 1767225600000 }],
]
