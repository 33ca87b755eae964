export {
  type ContractWithPresence,
  channelPresence,
  type PresenceChannel,
  type PresenceOf,
} from './channel-presence.ts'
export { createCursorMotion, type NextFrame } from './cursor-motion.ts'
export type {
  EnterOptions,
  Member,
  MemberCursor,
  Person,
  Presence,
  PresenceListStatus,
  SelfPresence,
} from './presence.ts'
