import { dataFolder } from 'demo-support/server'

/** Where the list is kept: `TODO_DATA`, or `.data` in the app's folder. */
export const listFolder = (): string => dataFolder('TODO_DATA')
