/**
 * Every failure that Syncline reports: its stable code, what it means and what to do about it, in the few
 * words that every client can afford to load. Codes are part of the public API: they are added, never renamed.
 */
export const errorCatalog = {
  // connection and session
  'transport-failed': 'No connection. Retried by itself.',
  'invalid-url': 'Give an absolute URL.',
  'provider-refused': 'The provider refused the app. Check its key and settings.',
  'heartbeat-timeout': 'The hub went silent. Retried by itself.',
  'hub-closing': 'The hub shuts down. Retried by itself.',
  'protocol-version': 'Other protocol version. Update the older side.',
  'malformed-frame': 'Not our protocol. Look for a proxy, or mixed versions.',
  'too-many-connections': 'The hub is full. Raise its limit or add a node.',
  'slow-consumer': 'Cut for reading too slowly. Retried by itself.',
  closed: 'Client or hub is closed. Create a new one.',
  // identity
  unauthenticated: 'No valid token. Sign in again.',
  'token-expired': 'The token expired. Return a fresh one.',
  'token-failed': '`token` threw or hung. Retried by itself.',
  'identity-mismatch': 'Not the person whose client this is. Use their token, or signOut().',
  forbidden: '`authorize` refused. Ask for access.',
  revoked: 'Access was taken away. Ask for access, then join again.',
  // the uplink over HTTP
  'not-found': 'No hub at this URL. Correct it, or `basePath`.',
  'method-not-allowed': 'Not asked that way. Look for a proxy.',
  // channels and messages
  'unknown-channel': 'Not served by the hub. Serve it, or correct the name.',
  'unknown-event': 'Not in the contract. Correct the name or the contract.',
  'unknown-mutation': 'Not in the contract. Correct the name or the contract.',
  'invalid-channel': 'Not a valid name. Correct it or its parameters.',
  'publish-forbidden': 'Not for clients. List it under `publish` in the contract.',
  'too-many-channels': 'No more channels allowed. Leave some.',
  'schema-violation': 'Does not satisfy its schema. See `issues`.',
  'history-gone': 'The hub no longer holds it. Goes on from a snapshot.',
  'invalid-position': 'Not of this channel. Goes on from a snapshot.',
  'snapshot-failed': 'The snapshot handler failed. Fix it; retried by itself.',
  'fold-failed': 'A view handler threw. Fix it; stale until refreshed.',
  // writes
  'too-large': 'Larger than allowed. Send less, or raise the limit.',
  rejected: 'The hub refused the write. Edit and retry, or discard it.',
  'handler-failed': 'The handler threw, nothing was committed. Fix it and retry.',
  'handler-timeout': 'The handler took too long. Check the effect, then retry or discard it.',
  'outcome-unknown': 'The effect is not known. Check it, then retry or discard it.',
  'too-old': 'Waited longer than `maxAge`. Retry or discard it.',
  'contract-outdated': 'Of an older contract. Register `upgradeWrite`.',
  'write-conflict': 'One number for two writes. Was storage copied?',
  'wrong-number': 'Out of turn. Retried by itself.',
  'too-many-writes': 'Too many in flight. Retried by itself.',
  'rate-limited': 'Too many requests. Retried by itself.',
  'try-later': 'The handler asked for later. Retried by itself.',
  'store-unavailable': 'The hub cannot store (disk full?). Retried by itself.',
  fenced: 'Another hub opened this store. Stop one of them.',
  discarded: 'The write was discarded.',
  // client storage
  'outbox-full': 'The outbox is full. Let it drain, or raise `maxWrites`.',
  'storage-failed': 'Client storage failed (quota? private mode?). Not durable.',
  // plain channels
  'not-connected': 'Not connected, and no outbox. Send again once connected.',
  // anything else
  internal: 'Unexpected. Please report it with its cause.',
} as const

/** The stable code of a failure. */
export type ErrorCode = keyof typeof errorCatalog
