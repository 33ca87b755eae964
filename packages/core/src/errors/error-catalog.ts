/**
 * Every failure that Syncline reports: its stable code, what it means and what to do about it, in the few
 * words that every client can afford to load. Codes are part of the public API: they are added, never renamed.
 */
export const errorCatalog = {
  // connection and session
  'transport-failed': 'No connection. Retried by itself.',
  'invalid-url': 'Give an absolute http(s) URL.',
  'provider-refused': 'The provider refused. Check the key.',
  'heartbeat-timeout': 'The hub went silent. Retried by itself.',
  'hub-closing': 'The hub closes. Retried by itself.',
  'protocol-version': 'Other protocol version. Update the older side.',
  'malformed-frame': 'Not our protocol. A proxy? Mixed versions?',
  'too-many-connections': 'The hub is full. Raise its limit.',
  'slow-consumer': 'Read too slowly. Retried by itself.',
  closed: 'Is closed. Create another.',
  // identity
  unauthenticated: 'No valid token. Sign in again.',
  'token-expired': 'The token expired. Return a fresh one.',
  'token-failed': '`token` threw or hung. Retried by itself.',
  'identity-mismatch': 'Token of another person. Correct it, or signOut().',
  forbidden: 'No access. Ask for it.',
  revoked: 'Access was taken away. Ask for it.',
  // the uplink over HTTP
  'not-found': 'No hub at this URL. Correct it, or `basePath`.',
  'method-not-allowed': 'Not asked so. A proxy?',
  // channels and messages
  'unknown-channel': 'Not served by the hub. Correct the name.',
  'unknown-event': 'Not in the contract. Correct the name or the contract.',
  'unknown-mutation': 'Not in the contract. Correct the name or the contract.',
  'invalid-channel': 'Not a valid name. Correct it.',
  'publish-forbidden': 'Not for clients. List it under `publish`.',
  'too-many-channels': 'Too many channels. Leave some.',
  'schema-violation': 'Not by its schema. See `issues`.',
  'history-gone': 'No longer held. Goes on from a snapshot.',
  'snapshot-failed': 'The snapshot handler threw. Fix it.',
  'fold-failed': 'The view handler threw. Fix it.',
  // writes
  'too-large': 'Too large. Send less, or raise the limit.',
  rejected: 'The hub refused. Edit and retry, or discard it.',
  'handler-failed': 'The handler threw, nothing was done. Fix it and retry.',
  'handler-timeout': 'The handler hung. Check the effect, then retry or discard it.',
  'outcome-unknown': 'Perhaps done. Check the effect, then retry or discard it.',
  'too-old': 'Older than `maxAge`. Retry or discard it.',
  'contract-outdated': 'Older contract. Add `upgradeWrite`.',
  'write-conflict': 'Two writes, one number. Storage copied?',
  'wrong-number': 'Out of turn. Retried by itself.',
  'too-many-writes': 'Too many in flight. Retried by itself.',
  'rate-limited': 'Too many requests. Retried by itself.',
  'try-later': 'The handler is busy. Retried by itself.',
  'store-unavailable': 'The hub cannot store. Full? Retried by itself.',
  fenced: 'Two hubs on one store. Stop one.',
  discarded: 'Discarded by the app.',
  // client storage
  'outbox-full': 'The outbox is full. Raise `maxWrites`.',
  'storage-failed': 'Storage failed (quota?). Not durable.',
  'storage-damaged': 'Not readable. Kept in `meta`.',
  // plain channels
  'not-connected': 'Not connected. Send later.',
  // anything else
  internal: 'Unexpected. Report it.',
} as const

/** The stable code of a failure. */
export type ErrorCode = keyof typeof errorCatalog
