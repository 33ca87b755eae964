/**
 * Every failure that Syncline reports: its stable code, what it means and what to do about it.
 * Codes are part of the public API: they are added, never renamed.
 */
export const errorCatalog = {
  // connection and session
  'transport-failed': 'The connection could not be opened or broke. Syncline retries by itself.',
  'heartbeat-timeout': 'Nothing was heard from the hub in time. Syncline reconnects by itself.',
  'hub-closing': 'The hub is shutting down. Syncline comes back when the hub asked it to.',
  'protocol-version': 'Client and hub speak different protocol versions. Update the older @syncline packages.',
  'malformed-frame': 'A frame does not follow the protocol. Check for a proxy that alters traffic, or mixed versions.',
  'too-many-connections': 'The hub holds as many connections as it allows. Raise its limit or add a node.',
  'slow-consumer': 'This connection read too slowly and was cut. Syncline reconnects and catches up.',
  closed: 'The client or hub was closed. Create a new one.',
  // identity
  unauthenticated: 'The token is missing or was refused. Sign in again.',
  'token-expired': 'The token has expired. Return a fresh one from `token`.',
  'token-failed': 'The `token` function threw. Fix it or call retryNow() once the person signed in.',
  'identity-mismatch': 'The hub knows this session under another subject than `identity`. Use the matching token.',
  forbidden: '`authorize` refused this channel. Ask for access.',
  revoked: 'Access was taken away by the hub. Ask for access, then join again.',
  // channels and messages
  'unknown-channel': 'The hub serves no such channel. Call hub.serve() for its contract, or correct the name.',
  'unknown-event': 'The contract has no such event. Correct the name or update the contract.',
  'unknown-mutation': 'The contract has no such mutation. Correct the name or update the contract.',
  'invalid-channel': 'The channel name or its parameters are not valid. Pass every parameter the pattern names.',
  'publish-forbidden': 'Clients may not publish this event. List it under `publish` in the contract.',
  'too-many-channels': 'This connection joined as many channels as the hub allows. Leave some first.',
  'schema-violation': 'The data does not satisfy its schema. See `issues`.',
  'history-gone': 'The hub no longer holds the messages asked for. The channel goes on from a snapshot.',
  'invalid-position': 'The position is not one of this channel. The channel goes on from a snapshot.',
  'snapshot-failed': 'The snapshot handler failed. Fix the handler; Syncline asks again.',
  'fold-failed': 'A view handler threw while folding. Fix the handler; the view is stale until refreshed.',
  // writes
  'too-large': 'The payload is larger than allowed. Send less, or raise the limit on both sides.',
  rejected: 'The hub refused the write. Edit it and retry, or discard it.',
  'handler-failed': 'The mutation handler threw. Nothing was committed; fix the handler and retry.',
  'handler-timeout': 'The mutation handler took too long. Check whether it took effect before you retry.',
  'outcome-unknown': 'Whether the write took effect can no longer be known. Check, then retry or discard.',
  'too-old': 'The write waited longer than `maxAge`. Retry or discard it.',
  'contract-outdated': 'The write was made under an older contract and no upgrade is registered. Register `upgrade`.',
  'write-conflict': 'The same stream number was used for two different writes. Storage was copied or tampered with.',
  'wrong-number': 'A write came out of turn and is sent again from the number the hub expects.',
  'too-many-writes': 'More writes are in flight than the hub allows. Syncline slows down by itself.',
  'rate-limited': 'Too many requests. Syncline waits as long as the hub asked.',
  'try-later': 'The handler asked for the write to come again later. Syncline retries by itself.',
  'store-unavailable': 'The hub could not commit to its store (full disk?). Nothing was lost; Syncline retries.',
  fenced: 'Another hub opened this store. Stop one of the two.',
  discarded: 'The write was discarded.',
  // client storage
  'outbox-full': 'The outbox reached its bound. Wait for it to drain, or raise `outbox.maxWrites`.',
  'storage-failed': 'Client storage refused to work (quota? private mode?). The write is not durable.',
  // plain channels
  'not-connected': 'The plain transport is not connected and has no outbox. Send again once connected.',
  // anything else
  internal: 'An unexpected error. Please report it with its cause.',
} as const

/** The stable code of a failure. */
export type ErrorCode = keyof typeof errorCatalog
