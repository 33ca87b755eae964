/**
 * Whether a packet is an event of a namespace: EVENT (`2`) or BINARY_EVENT (`5`, the number of attachments, a dash),
 * then a namespace other than the main one.
 */
export const isEvent = (packet: string, namespace: string): boolean => {
  const start = packet[0] === '2' ? 1 : packet[0] === '5' ? packet.indexOf('-') + 1 : 0
  if (start === 0) return false
  return namespace === '/' ? packet[start] !== '/' : packet.startsWith(`${namespace},`, start)
}
