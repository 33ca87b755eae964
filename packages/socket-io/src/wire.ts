/** The namespace in which hub and clients meet unless told otherwise. */
export const HUB_NAMESPACE = '/syncline'

/** The one event both ways: each argument is a frame. */
export const FRAMES_EVENT = 'syncline'
