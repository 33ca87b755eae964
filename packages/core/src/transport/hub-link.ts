import type { ClientFrame, WelcomeFrame } from '../protocol/frames.ts'
import type { Continuity } from './transport.ts'

/** An open and confirmed session with a hub. */
export interface HubLink {
  readonly welcome: WelcomeFrame
  /** The provider's word on its own continuity. A hint only: heads decide. */
  readonly continuity: Continuity
  /** Frames of one turn leave together, in order. Does nothing once the session is over: stages start again from the next one. */
  send(...frames: readonly ClientFrame[]): void
}
