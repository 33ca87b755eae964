export { type DemoPage, startPage } from './start-page.ts'
