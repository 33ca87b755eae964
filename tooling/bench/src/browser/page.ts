import { ours } from './ours.ts'
import { withGroups } from './with-groups.ts'
import { withIdb } from './with-idb.ts'
import { withTanstack } from './with-tanstack.ts'

/** What a page offers to the benchmark. */
export const sides = { ours, withGroups, withIdb, withTanstack }
Object.assign(globalThis, { sides })
