import { createHash, timingSafeEqual } from 'node:crypto'
import { AblyError } from '../ably-error.ts'
import { type Capability, everything } from './capability.ts'

/** A key of the emulated app. */
export interface AblyKey {
  /** `appId.keyId:secret`, as the SDK takes it. */
  readonly key: string
  /** Default: everything on every channel. */
  readonly capability?: Capability
}

export interface ApiKey {
  /** `appId.keyId` */
  readonly name: string
  readonly secret: string
  readonly capability: Capability
}

export interface ApiKeys {
  /** @throws AblyError 40400 for an app, 40101 for a key that is not known */
  byName(name: string): ApiKey
  /** @throws AblyError 40005 when malformed, else as `byName`, and 40101 for a wrong secret */
  check(key: string): ApiKey
}

/** @throws TypeError for a key that is not `appId.keyId:secret` */
export const createApiKeys = (keys: readonly AblyKey[]): ApiKeys => {
  const known = new Map<string, ApiKey>()
  for (const { key, capability = everything } of keys) {
    const { name, secret } = split(key) ?? {}
    if (!name || !secret) throw new TypeError(`"${key}" is not of the form appId.keyId:secret`)
    known.set(name, { name, secret, capability })
  }
  const byName = (name: string): ApiKey => {
    const key = known.get(name)
    if (key) return key
    const app = name.split('.')[0]
    for (const other of known.keys())
      if (other.split('.')[0] === app) throw new AblyError(40101, `no key ${name} in this app`)
    throw new AblyError(40400, `no application found with id ${app}`)
  }
  return {
    byName,
    check: (text) => {
      const parts = split(text)
      if (!parts)
        throw new AblyError(40005, 'invalid key in request: not of the form appId.keyId:secret', 401)
      const key = byName(parts.name)
      if (!sameText(parts.secret, key.secret)) throw new AblyError(40101, `wrong secret for key ${key.name}`)
      return key
    },
  }
}

/** Compares in constant time. */
export const sameText = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

const digest = (text: string) => createHash('sha256').update(text).digest()

const split = (key: string) => {
  const match = /^([^.:\s]+\.[^.:\s]+):(\S+)$/.exec(key)
  return match?.[1] && match[2] ? { name: match[1], secret: match[2] } : undefined
}
