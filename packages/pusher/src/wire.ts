import type { WireError } from '@syncline/core'

/** The one event: its data is a frame. Whatever else arrives on a channel is not of the hub. */
export const FRAME_EVENT = 'syncline'

/** What signs a subscription, as pusher-js takes it. */
export interface ChannelSignature {
  readonly auth: string
  readonly shared_secret?: string
}

/** A hub channel at Pusher: its name there, and what signs its subscription. */
export interface SignedChannel extends ChannelSignature {
  readonly name: string
}

/** What `POST …/sign-in` answers: for this socket alone. */
export interface SignInAnswer {
  readonly user: { readonly auth: string; readonly user_data: string }
  /** The channel on which this client alone is woken. */
  readonly wake: SignedChannel
}

/**
 * What `POST …/authorize` answers, in the order asked: the signed channel; null for one that the session may not hear,
 * of which the hub says why when it is joined; an error for one that Pusher cannot have.
 */
export interface AuthorizeAnswer {
  readonly channels: readonly (SignedChannel | { readonly error: WireError } | null)[]
}
