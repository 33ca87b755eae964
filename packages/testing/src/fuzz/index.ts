export { anyJson, damaged } from './hostile.ts'
