import { createDefaultEnvironment } from '@syncline/core'

const environment = createDefaultEnvironment()

/** A UUID, also on pages that are not served securely: those have no `crypto.randomUUID`. */
export const newId = (): string => environment.id()
