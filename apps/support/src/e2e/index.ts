export { eventually, series } from './eventually.ts'
export { chromiumOptions, launchBrowser } from './launch-browser.ts'
export { type AppServer, type ServerOptions, startServer } from './start-server.ts'
export { useStage } from './use-stage.ts'
