import type { StreamKey } from './hub-store.ts'

/** One string for each stream. Lengths lead, so that no choice of names makes two streams one. */
export const streamName = ({ subject, client, channel, generation }: StreamKey): string =>
  `${generation}:${subject.length}:${client.length}:${subject}${client}${channel}`
