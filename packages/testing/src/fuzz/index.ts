export { clientFrames } from './client-frames.ts'
export { anyJson, damaged } from './hostile.ts'
export { hubFrames } from './hub-frames.ts'
