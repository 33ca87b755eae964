/** The one event: its data is a frame. Whatever else arrives on a channel is not of the hub. */
export const FRAME_EVENT = 'syncline'

/** What the gateway tells its transport with the welcome. */
export interface Provided {
  /** Before the encoded name of every hub channel; it says whether they are encrypted. */
  readonly prefix: string
}

/** What signs a subscription, as pusher-js takes it. */
export interface ChannelSignature {
  readonly auth: string
  readonly shared_secret?: string
}

/** What `POST …/enter` answers: for this socket alone. */
export interface EnterAnswer {
  readonly user: { readonly auth: string; readonly user_data: string }
  readonly wake: ChannelSignature
}

/** What `POST …/authorize` answers, in the order asked; null for a channel that the session may not hear. */
export interface AuthorizeAnswer {
  readonly channels: readonly (ChannelSignature | null)[]
}

/** The channel on which one client alone is woken. No hub channel has a name like it. */
export const wakeChannel = (wakeId: string): string => `private-syncline_wake-${wakeId}`
