import { dataFolder } from 'demo-support/server'

/** Where the boards are kept: `WHITEBOARD_DATA`, or `.data` in the app's folder. */
export const boardFolder = (): string => dataFolder('WHITEBOARD_DATA')
